// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class ListenCommandTest {
    @TempDir
    private Path folder;

    private RelayBus bus;
    private final Pipe pipe = new Pipe();
    private final StandardOutput output = new StandardOutput(pipe, () -> true);

    @BeforeEach
    void open() throws IOException {
        bus = new RelayBus(folder.resolve("bus.sock"));
    }

    @AfterEach
    void close() throws IOException {
        bus.close();
    }

    @Test
    void aMessageIsWrittenAtOnceAndToTheLetter() throws Exception {
        CompletableFuture<Run> run = listen();

        bus.say("{ \"n\": 1.0, \"tract\": \"a\",\"event\":\"ü\", \"e\": \"\\u00fc\" }\n");
        assertThat(pipe.line()).isEqualTo("{ \"n\": 1.0, \"tract\": \"a\",\"event\":\"ü\", \"e\": \"\\u00fc\" }");

        bus.say("{\"tract\":\"a\",\"event\":\"2\"}\r\n");
        assertThat(pipe.line()).isEqualTo("{\"tract\":\"a\",\"event\":\"2\"}");
        assertThat(run).isNotDone();
    }

    @Test
    void aMessageIsWrittenAtOnceAlsoWhenHalfOfTheNextOneHasCome() throws Exception {
        listen();

        bus.say("{\"tract\":\"a\",\"event\":\"1\"}\n{\"tract\":\"a\",");
        assertThat(pipe.line()).isEqualTo("{\"tract\":\"a\",\"event\":\"1\"}");

        bus.say("\"event\":\"2\"}\n\nnonsense\n");
        assertThat(pipe.line()).isEqualTo("{\"tract\":\"a\",\"event\":\"2\"}");
    }

    @Test
    void onlyWhatTheFilterMatchesIsWrittenAndCounted() throws Exception {
        CompletableFuture<Run> run = listen("--filter", "(level>=0.5)", "--count", "2");

        for (String level : List.of("0.4", "0.5", "0.1", "0.75", "0.9")) {
            bus.say("{\"tract\":\"a\",\"event\":\"b\",\"level\":" + level + "}\n");
        }

        assertThat(run.get(30, SECONDS).status()).isZero();
        assertThat(pipe.line()).endsWith("\"level\":0.5}");
        assertThat(pipe.line()).endsWith("\"level\":0.75}");
        assertThat(pipe.lines).isEmpty();
    }

    @Test
    void fewerThanWereAskedForWithinTheTimeIsAFailure() throws Exception {
        CompletableFuture<Run> run = listen("--count", "2", "--timeout", "2s");
        bus.say("{\"tract\":\"a\",\"event\":\"b\"}\n");

        assertThat(run.get(30, SECONDS).status()).isEqualTo(1);
        assertThat(run.get().err()).contains("1 of 2 messages came within 2 s");
        assertThat(pipe.line()).isEqualTo("{\"tract\":\"a\",\"event\":\"b\"}");
    }

    @Test
    void aTimeWithoutACountJustEnds() throws Exception {
        assertThat(listen("--timeout", "50ms").get(30, SECONDS)).isEqualTo(new Run(0, "", ""));
    }

    @Test
    void aMalformedFilterOrTimeIsRefusedWithAnExample() {
        Run filter = Run.of(new ListenCommand(output), "--filter", "level>=1");
        assertThat(filter.status()).isEqualTo(2);
        assertThat(filter.err()).contains("'level>=1' is no filter", "(level>=0.5)");

        Run time = Run.of(new ListenCommand(output), "--timeout", "soon");
        assertThat(time.status()).isEqualTo(2);
        assertThat(time.err()).contains("'soon' is no time above 0", "500ms");
    }

    @Test
    void manyMessagesAtOnceAreWrittenTogether() throws Exception {
        listen();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            text.append("{\"tract\":\"a\",\"event\":\"").append(i).append("\"}\n");
        }

        bus.say(text.toString());

        for (int i = 0; i < 1_000; i++) {
            assertThat(pipe.line()).isEqualTo("{\"tract\":\"a\",\"event\":\"" + i + "\"}");
        }
        assertThat(pipe.flushes).as("writes to the pipe").isLessThan(100);
    }

    @Test
    void onlyTheTractAndTheEventThatAreWantedAreWritten() throws Exception {
        listen("--tract", "observe", "--event", "observed");

        bus.say("{\"tract\":\"observe\",\"event\":\"status\"}\n");
        bus.say("{\"tract\":\"think\",\"event\":\"observed\"}\n");
        bus.say("{\"tract\":\"Observe\",\"event\":\"observed\"}\n");
        bus.say("{\"tract\":\"observe\",\"event\":\"observed\"}\n");

        assertThat(pipe.line()).isEqualTo("{\"tract\":\"observe\",\"event\":\"observed\"}");
    }

    @Test
    void aStarIsAllAndAnythingElseIsAName() throws Exception {
        listen("--tract", "*", "--event", "b*");

        bus.say("{\"tract\":\"a\",\"event\":\"bc\"}\n");
        bus.say("{\"tract\":\"a\",\"event\":\"b*\"}\n");

        assertThat(pipe.line()).isEqualTo("{\"tract\":\"a\",\"event\":\"b*\"}");
    }

    @Test
    void prettyIsAFieldALineAndFitForATerminal() throws Exception {
        listen("--pretty");

        bus.say("{\"tract\":\"a\",\"event\":\"b\",\"o\":{\"l\":[1,2.50]},\"x\":\"\u009b31m\u202e\\u001b\"}\n");

        List<String> lines = new ArrayList<>();
        for (String line = pipe.line(); !line.isEmpty(); line = pipe.line()) {
            lines.add(line);
        }
        assertThat(String.join("\n", lines))
                .isEqualTo(
                        """
                {
                  "tract": "a",
                  "event": "b",
                  "o": {
                    "l": [
                      1,
                      2.5
                    ]
                  },
                  "x": "\\u009b31m\\u202e\\u001B"
                }""");
    }

    @Test
    void aBusThatClosesTheConnectionEndsIt() throws Exception {
        CompletableFuture<Run> run = listen();
        bus.say("nonsense\n{\"tract\":\"a\",\"event\":\"last\"}");

        bus.closeClients();

        assertThat(run.get(30, SECONDS))
                .isEqualTo(new Run(
                        1,
                        "",
                        "callosum listen: The bus on '" + bus.socket() + "' closed the connection;"
                                + " lines that were no messages and not shown: 1" + System.lineSeparator()));
        assertThat(pipe.line()).isEqualTo("{\"tract\":\"a\",\"event\":\"last\"}");
    }

    @Test
    void aReaderThatHasHadEnoughEndsItQuietly() throws Exception {
        CompletableFuture<Run> run = listen(new ListenCommand(broken("Broken pipe", true)));

        bus.say("{\"tract\":\"a\",\"event\":\"b\"}\n");

        assertThat(run.get(30, SECONDS)).isEqualTo(new Run(0, "", ""));
    }

    @Test
    void anOutputThatTakesNothingIsAFailure() throws Exception {
        CompletableFuture<Run> run = listen(new ListenCommand(broken("No space left on device", false)));

        bus.say("{\"tract\":\"a\",\"event\":\"b\"}\n");

        assertThat(run.get(30, SECONDS))
                .isEqualTo(new Run(
                        1,
                        "",
                        "callosum listen: The output could not be written (No space left on device)"
                                + System.lineSeparator()));
    }

    private static StandardOutput broken(String reason, boolean hasReader) {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(reason);
            }
        };
        return new StandardOutput(broken, () -> hasReader);
    }

    @Test
    void whereNobodyListensTheSocketAndTheRemedyAreNamed() {
        Path nowhere = folder.resolve("none.sock");

        Run run = Run.of(new ListenCommand(output), "--socket", nowhere.toString());

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("callosum listen: Cannot connect to '" + nowhere + "'")
                .endsWith(": is callosum running?" + System.lineSeparator());
    }

    @Test
    void wrongUsageIsTwo() {
        assertThat(Run.of(new ListenCommand(output), "tract").status()).isEqualTo(2);
        assertThat(Run.of(new ListenCommand(output), "--count", "-1").status()).isEqualTo(2);
        assertThat(Run.of(new ListenCommand(output), "--journal", "a", "--socket", "b")
                        .status())
                .isEqualTo(2);
    }

    @Test
    void whatCameSinceTheStartIsHadFromTheRuntimeOfAJournalAlone() {
        Run bySocket = Run.of(new ListenCommand(output), "--since-start", "--socket", "a.sock");
        assertThat(bySocket.status()).isEqualTo(2);
        assertThat(bySocket.err()).startsWith("--since-start asks the runtime of a journal: name that, with --journal");

        Run nobody = Run.of(new ListenCommand(output), "--since-start", "--journal", folder.toString());
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.err())
                .contains("No runtime runs on journal '" + folder + "'")
                .hasLineCount(1);
    }

    @Test
    void theHelpHasExamplesAndTheExitStatuses() {
        Run run = Run.of(new ListenCommand(output), "--help");

        assertThat(run.status()).isZero();
        assertThat(run.out())
                .contains("callosum listen --tract observe --pretty", "Exit status:", "  0   ", "  1   ", "  130   ")
                .contains("--journal", "--socket", "--tract", "--event");
    }

    private CompletableFuture<Run> listen(String... arguments) throws InterruptedException {
        return listen(new ListenCommand(output), arguments);
    }

    private CompletableFuture<Run> listen(ListenCommand command, String... arguments) throws InterruptedException {
        List<String> all = new ArrayList<>(List.of("--socket", bus.socket().toString()));
        all.addAll(List.of(arguments));
        CompletableFuture<Run> run = CompletableFuture.supplyAsync(() -> Run.of(command, all.toArray(String[]::new)));
        bus.awaitClient();
        return run;
    }

    /** A pipe that shows only what was flushed, as its reader sees it. */
    private static final class Pipe extends OutputStream {
        private final ByteArrayOutputStream unflushed = new ByteArrayOutputStream();
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private volatile int flushes;

        String line() throws InterruptedException {
            return lines.take();
        }

        @Override
        public void write(int b) {
            unflushed.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            unflushed.write(bytes, offset, length);
        }

        @Override
        public void flush() {
            flushes = flushes + 1;
            unflushed.toString(UTF_8).lines().forEach(lines::add);
            unflushed.reset();
        }
    }
}
