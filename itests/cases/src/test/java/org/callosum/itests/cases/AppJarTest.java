// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AppJarTest {
    @Test
    void itIsABundleWithTheHandlersClassAndADescriptionForEachHandler() throws Exception {
        AppJar jar = AppJar.of("test.many", "1.2.3")
                .with(new AppJar.Handler("one", "numbered", "sent"), new AppJar.Handler("all", "*", "*"))
                .importing("test.nowhere");

        Attributes headers = headers(jar);
        Map<String, byte[]> entries = entries(jar);

        assertThat(headers.getValue("Bundle-SymbolicName")).isEqualTo("test.many");
        assertThat(headers.getValue("Bundle-Version")).isEqualTo("1.2.3");
        assertThat(headers.getValue("Import-Package"))
                .contains("org.callosum.api;version=")
                .endsWith("test.nowhere");
        assertThat(headers.getValue("Service-Component"))
                .isEqualTo("OSGI-INF/test.many.one.xml,OSGI-INF/test.many.all.xml");
        assertThat(entries)
                .containsOnlyKeys(
                        "org/callosum/itests/numbered/Numbered.class",
                        "OSGI-INF/test.many.one.xml",
                        "OSGI-INF/test.many.all.xml");
        assertThat(new String(entries.get("OSGI-INF/test.many.all.xml"), StandardCharsets.UTF_8))
                .contains("name=\"test.many.all\"", "<property name=\"tract\" value=\"*\"/>");
    }

    @Test
    void anotherKindOfHandlerComesWithWhatItIsMadeOf() throws IOException {
        AppJar jar = AppJar.of("test.borrowing", "1.0.0").borrowing();

        assertThat(headers(jar).getValue("Import-Package")).endsWith(LibraryJar.PACKAGE);
        Map<String, byte[]> entries = entries(jar);
        assertThat(entries)
                .containsOnlyKeys(
                        "org/callosum/itests/numbered/Numbered.class",
                        "org/callosum/itests/numbered/Borrowing.class",
                        "OSGI-INF/test.borrowing.test.borrowing.xml");
        assertThat(new String(entries.get("OSGI-INF/test.borrowing.test.borrowing.xml"), StandardCharsets.UTF_8))
                .contains("class=\"org.callosum.itests.numbered.Borrowing\"");
    }

    @Test
    void versionsDifferInTheirBytes() {
        AppJar jar = AppJar.of("test.app", "1.0.0");

        assertThat(jar.inVersion("1.0.1").bytes()).isNotEqualTo(jar.bytes());
    }

    private static Attributes headers(AppJar jar) throws IOException {
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar.bytes()))) {
            return in.getManifest().getMainAttributes();
        }
    }

    private static Map<String, byte[]> entries(AppJar jar) throws IOException {
        Map<String, byte[]> entries = new HashMap<>();
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar.bytes()))) {
            for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }
}
