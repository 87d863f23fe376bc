// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.Emission;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.journal.Journal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class ErrorWatchTest {
    @TempDir
    Path root;

    private final AtomicLong nanoTime = new AtomicLong();
    private final List<Message> emitted = new ArrayList<>();
    private ErrorWatch app;

    @BeforeEach
    void start() {
        app = new ErrorWatch(
                new Journal(root),
                message -> {
                    emitted.add(message);
                    return Emission.SENT;
                },
                nanoTime::get);
    }

    @Test
    void theThirdErrorOfAServiceBringsASuggestion() {
        errorsOf("transcriber", 2);
        assertThat(emitted).isEmpty();
        errorsOf("transcriber", 1);

        assertThat(emitted)
                .extracting(Message::toJson)
                .containsExactly("{\"tract\":\"support\",\"event\":\"proactive_suggestion\","
                        + "\"service\":\"transcriber\",\"count\":3,"
                        + "\"message\":\"I noticed transcriber has had 3 errors in the last hour."
                        + " Want me to diagnose this?\"}");
    }

    @Test
    void afterASuggestionItStartsOver() {
        errorsOf("transcriber", 5);
        assertThat(emitted).hasSize(1);
        errorsOf("transcriber", 1);
        assertThat(emitted).hasSize(2);
    }

    @Test
    void eachServiceIsCountedAloneWhateverItsTract() {
        errorsOf("a", 2);
        errorsOf("b", 2);
        error("other", "a");

        assertThat(emitted).extracting(message -> message.string("service")).containsExactly(Optional.of("a"));
    }

    @Test
    void withoutAServiceTheTractCounts() {
        for (Object none : new Object[] {null, "", 7L, List.of()}) {
            error("importer", none);
        }

        assertThat(emitted).singleElement().satisfies(message -> assertThat(message.string("service"))
                .contains("importer"));
    }

    @Test
    void withoutServiceAndTractItIsUnknown() {
        for (int i = 0; i < 3; i++) {
            app.handle(new EventContext(Message.parse("{\"event\":\"error\"}"), "support"));
        }

        assertThat(emitted).singleElement().satisfies(message -> assertThat(message.string("service"))
                .contains("unknown"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"support\":{\"enabled\":false}}",
                "{\"support\":{\"proactive\":false}}",
                "{\"support\":{\"enabled\":true,\"proactive\":false},\"more\":1}"
            })
    void whileItIsOffNothingIsCounted(String config) throws IOException {
        errorsOf("a", 2);
        configure(config);
        errorsOf("a", 7);
        configure("{}");
        assertThat(emitted).isEmpty();
        errorsOf("a", 1);
        assertThat(emitted).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "{}",
                "{\"support\":null}",
                "{\"support\":false}",
                "{\"support\":[false]}",
                "{\"support\":{}}",
                "{\"support\":{\"enabled\":true,\"proactive\":true}}",
                "{\"support\":{\"enabled\":null,\"proactive\":\"false\"}}",
                "{\"enabled\":false}"
            })
    void anythingElseInTheConfigurationMeansOn(String config) throws IOException {
        configure(config);

        errorsOf("a", 3);

        assertThat(emitted).hasSize(1);
    }

    @Test
    void aConfigurationThatIsNoFileMeansOn() throws Exception {
        Files.createDirectories(root.resolve("config/config.json"));
        errorsOf("a", 3);
        Files.delete(root.resolve("config/config.json"));
        new ProcessBuilder("mkfifo", root.resolve("config/config.json").toString())
                .start()
                .waitFor();
        errorsOf("b", 3);

        assertThat(emitted).hasSize(2);
    }

    @Test
    void aConfigurationThatIsTooLongMeansOn() throws IOException {
        configure("{\"support\":{\"enabled\":false}}" + " ".repeat(1 << 20));

        errorsOf("a", 3);

        assertThat(emitted).hasSize(1);
    }

    @Test
    void theConfigurationMayBeALink() throws IOException {
        Path real = Files.writeString(root.resolve("real.json"), "{\"support\":{\"enabled\":false}}");
        Files.createDirectories(root.resolve("config"));
        Files.createSymbolicLink(root.resolve("config/config.json"), real);

        errorsOf("a", 3);
        Files.writeString(real, "{}");
        errorsOf("b", 3);

        assertThat(emitted).extracting(message -> message.string("service")).containsExactly(Optional.of("b"));
    }

    @Test
    void aNameFromTheBusIsCutAndPrintable() {
        errorsOf("x\n\u202e" + "y".repeat(1_000_000), 3);

        assertThat(emitted).singleElement().satisfies(message -> {
            assertThat(message.string("service").orElseThrow())
                    .startsWith("x\\u000a\\u202eyyy")
                    .endsWith("…")
                    .hasSize(200);
            assertThat(message.string("message").orElseThrow())
                    .contains(message.string("service").orElseThrow());
        });
    }

    private void configure(String json) throws IOException {
        Files.createDirectories(root.resolve("config"));
        Files.writeString(root.resolve("config/config.json"), json);
    }

    private void errorsOf(String service, int times) {
        for (int i = 0; i < times; i++) {
            error("cortex", service);
        }
    }

    private void error(String tract, Object service) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("service", service);
        app.handle(new EventContext(Message.of(tract, "error", fields), "support"));
    }
}
