// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class SettingsTest {
    private final RecordingLogger log = new RecordingLogger();

    @Test
    void nothingIsBridgedByDefault() {
        assertThat(settings(Map.of()))
                .isEqualTo(new Settings(List.of(), List.of(), "", 10_000, 16_777_216, Duration.ofSeconds(10)));
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aListComesAsATextWithCommasAsAnArrayOrAsACollection() {
        assertThat(settings(Map.of("tracts", " a, b,,a ")).tracts()).containsExactly("a", "b");
        assertThat(settings(Map.of("tracts", new String[] {"a", "b"})).tracts()).containsExactly("a", "b");
        assertThat(settings(Map.of("tracts", List.of("a", "b"))).tracts()).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "a", "a/*", "org/osgi/framework/BundleEvent/STARTED", "a-b/_c"})
    void whatEventAdminTakesIsATopic(String topic) {
        assertThat(settings(Map.of("topics", topic, "tract", "t")).topics()).containsExactly(topic);
        assertThat(log.lines()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "a/", "a//b", "a*", "*/a", "a.b", "callosum/\u202e"})
    void anythingElseIsWarnedOfAndLeftOut(String topic) {
        assertThat(settings(Map.of("topics", List.of(topic, "good"), "tract", "t"))
                        .topics())
                .containsExactly("good");
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN Setting 'topics' of org.callosum.eventadmin has '")
                .doesNotContain("\u202e")
                .contains("it is left out [configuration=org.callosum.eventadmin setting=topics value=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "*"})
    void topicsNeedATract(String tract) {
        assertThat(settings(Map.of("topics", "a/*", "tract", tract)).topics()).isEmpty();
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN Setting 'tract' of ")
                .contains(" [configuration=org.callosum.eventadmin setting=tract value=");
    }

    @Test
    void aBadNumberIsWarnedOfAndReplaced() {
        Settings settings = settings(Map.of("queueEvents", "0", "queueBytes", "many"));

        assertThat(settings.queueEvents()).isEqualTo(1);
        assertThat(settings.queueBytes()).isEqualTo(16_777_216);
        assertThat(log.lines())
                .containsExactly(
                        "WARN Setting 'queueEvents' of org.callosum.eventadmin is '0', which is out of range: give a number"
                                + " from 1 to 10000000; 1 is used"
                                + " [configuration=org.callosum.eventadmin setting=queueEvents value=0 used=1]",
                        "WARN Setting 'queueBytes' of org.callosum.eventadmin is 'many', which is no whole number: give a"
                                + " number from 1 to 17179869184; 16777216 is used"
                                + " [configuration=org.callosum.eventadmin setting=queueBytes value=many used=16777216]");
    }

    private Settings settings(Map<String, Object> configuration) {
        return Settings.of(configuration, log.logger());
    }
}
