// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.devlog;

import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class EventLogTest {
    private final RecordingLogger log = new RecordingLogger();

    @Test
    void anEventIsALine() {
        app("info", 500).handle(context("{\"tract\":\"observe\",\"event\":\"observed\",\"n\":1.0}"));

        assertThat(log.lines())
                .containsExactly("INFO observe/observed {\"tract\":\"observe\",\"event\":\"observed\",\"n\":1.0}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"error", "warn", "info", "debug", "trace", "INFO"})
    void itHasTheConfiguredLevel(String level) {
        app(level, 500).handle(context("{\"tract\":\"a\",\"event\":\"b\"}"));

        assertThat(log.lines()).singleElement().asString().startsWith(level.toUpperCase(Locale.ROOT) + " a/b {");
    }

    @ParameterizedTest
    @CsvSource({"1,…", "3,a/…", "10,'a/b {\"tra…'"})
    void itIsCutToTheConfiguredLength(int maxLength, String expected) {
        app("info", maxLength).handle(context("{\"tract\":\"a\",\"event\":\"b\"}"));

        assertThat(log.lines()).containsExactly("INFO " + expected);
    }

    @Test
    void aHugeMessageIsAShortLine() {
        app("info", 500)
                .handle(new EventContext(
                        Message.of("a".repeat(1_000_000), "b", Map.of("c", "d".repeat(1_000_000))), "dev-log"));

        assertThat(log.lines()).singleElement().asString().hasSize("INFO ".length() + 500);
    }

    @Test
    void nothingInItBreaksTheLineOrTurnsItsDirection() {
        String frame = "{\"tract\":\"a\",\r\t\"event\":\"b\",\"c\":\"\u2028\u2029\u202e\u200b\u0085\u007f\"}";

        app("info", 500)
                .handle(new EventContext(
                        Message.ofFrame("a\n", "b", frame.getBytes(StandardCharsets.UTF_8)), "dev-log"));

        assertThat(log.lines())
                .containsExactly("INFO a\\u000a/b {\"tract\":\"a\",\\u000d\\u0009\"event\":\"b\","
                        + "\"c\":\"\\u2028\\u2029\\u202e\\u200b\\u0085\\u007f\"}");
    }

    @Test
    void bracesInAMessageAreNoPlaceholders() {
        app("info", 500).handle(context("{\"tract\":\"a\",\"event\":\"b\",\"c\":{}}"));

        assertThat(log.lines()).singleElement().asString().endsWith("\"c\":{}}");
    }

    @Test
    void aChangedSettingCountsFromTheNextEventOn() {
        EventLog app = app("info", 500);
        app.modified(config("warn", 3));
        app.handle(context("{\"tract\":\"a\",\"event\":\"b\"}"));

        assertThat(log.lines()).containsExactly("WARN a/…");
    }

    @Test
    void aSettingOutOfRangeIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> app("loud", 500))
                .withMessage("Setting 'level' is 'loud': it is one of error, warn, info, debug, trace");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> app("info", 0))
                .withMessage("Setting 'maxLength' is 0: it is 1 to 1000000");
    }

    private EventLog app(String level, int maxLength) {
        return new EventLog(config(level, maxLength), log.logger());
    }

    private static EventContext context(String json) {
        return new EventContext(Message.parse(json), "dev-log");
    }

    private static EventLog.Config config(String level, int maxLength) {
        return new EventLog.Config() {
            @Override
            public String level() {
                return level;
            }

            @Override
            public int maxLength() {
                return maxLength;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return EventLog.Config.class;
            }
        };
    }
}
