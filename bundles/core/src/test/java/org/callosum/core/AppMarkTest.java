// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.lang.reflect.Proxy;
import java.util.Hashtable;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;

class AppMarkTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"org.callosum.api", "a.b,org.callosum.api;version=\"[1.0,2)\",c.d", "a.b, org.callosum.api ,c"})
    void whatImportsTheApiIsAnAppUnlessItIsOurs(String imports) {
        assertThat(AppMark.isOn(bundle("door", Map.of("Import-Package", imports))))
                .isTrue();
        assertThat(AppMark.isOn(bundle("org.callosum.metrics", Map.of("Import-Package", imports))))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.callosum.apis", "my.org.callosum.api", "org.callosum.api.more,org.osgi.framework"})
    void anyOtherImportMakesNoApp(String imports) {
        assertThat(AppMark.isOn(bundle("door", Map.of("Import-Package", imports))))
                .isFalse();
        assertThat(AppMark.isOn(bundle("door", Map.of()))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"door, door", "'  door ', door", "'', example.door"})
    void theHeaderMakesAnAppAndNamesItIfItSaysAnything(String header, String app) {
        Bundle bundle = bundle("example.door", Map.of("Callosum-App", header));

        assertThat(AppMark.isOn(bundle)).isTrue();
        assertThat(AppMark.name(bundle)).isEqualTo(app);
    }

    @Test
    void whatHasNoHeaderHasItsSymbolicNameOrItsPlace() {
        assertThat(AppMark.name(bundle("example.door", Map.of()))).isEqualTo("example.door");
        assertThat(AppMark.name(bundle(null, Map.of()))).isEqualTo("file:/a.jar");
    }

    @Test
    void anUpdatesLookAtANewVersionIsNoApp() {
        assertThat(AppMark.isOn(bundle("callosum.probe.door", "callosum-probe:a", Map.of("Callosum-App", "door"))))
                .isFalse();
    }

    private static Bundle bundle(String symbolicName, Map<String, String> headers) {
        return bundle(symbolicName, "file:/a.jar", headers);
    }

    private static Bundle bundle(String symbolicName, String location, Map<String, String> headers) {
        Hashtable<String, String> manifest = new Hashtable<>(headers);
        if (symbolicName != null) {
            manifest.put("Bundle-SymbolicName", symbolicName);
        }
        return (Bundle) Proxy.newProxyInstance(
                Bundle.class.getClassLoader(),
                new Class<?>[] {Bundle.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getSymbolicName" -> symbolicName;
                    case "getLocation" -> location;
                    case "getHeaders" -> manifest;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
