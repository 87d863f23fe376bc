// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.callosum.api.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class SendCommandTest {
    private static final Function<Message, List<String>> MUTE = message -> List.of();

    @TempDir
    private Path folder;

    private Path socket;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void nameSocket() {
        socket = folder.resolve("bus.sock");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    @Test
    void wordsAreSentAsAMessage() throws IOException {
        RelayBus bus = bus();

        Run run = send("observe", "observed", "day=20260101", "segment=120000_300", "meta={\"a\":[1,null]}");

        assertThat(run).isEqualTo(new Run(0, "", ""));
        assertThat(bus.received())
                .containsExactly(Message.parse("{\"tract\":\"observe\",\"event\":\"observed\",\"day\":20260101,"
                        + "\"segment\":\"120000_300\",\"meta\":{\"a\":[1,null]}}"));
    }

    @Test
    void aJsonObjectIsSentAsAMessage() throws IOException {
        RelayBus bus = bus();

        Run run = send("{\"tract\": \"a\",\n \"event\": \"b\", \"ts\": 5}");

        assertThat(run).isEqualTo(new Run(0, "", ""));
        assertThat(bus.received()).containsExactly(Message.parse("{\"tract\":\"a\",\"event\":\"b\",\"ts\":5}"));
    }

    @Test
    void linesOfTheInputAreSentInOrderOverOneConnection() throws IOException {
        RelayBus bus = bus();

        Run run = sendInput("{\"tract\":\"a\",\"event\":\"1\"}\n\n{\"tract\":\"a\",\"event\":\"2\"}\r\n \n"
                + "{\"tract\":\"a\",\"event\":\"without a line break\"}");

        assertThat(run).isEqualTo(new Run(0, "", ""));
        assertThat(bus.received()).extracting(Message::event).containsExactly("1", "2", "without a line break");
        assertThat(bus.connections()).isEqualTo(1);
    }

    @Test
    void noInputIsNothingToSend() throws IOException {
        RelayBus bus = bus();

        assertThat(sendInput("")).isEqualTo(new Run(0, "", ""));
        assertThat(bus.received()).isEmpty();
    }

    @Test
    void moreThanAllBuffersHoldIsSentToABusThatServesNobodyWhileWeDoNotRead() throws IOException {
        int count = 100_000;
        AtomicLong next = new AtomicLong();
        AtomicLong outOfOrder = new AtomicLong();
        open(new RelayBus(socket, message -> {
                    if (message.longNumber("n").orElseThrow() != next.getAndIncrement()) {
                        outOfOrder.incrementAndGet();
                    }
                    return List.of(RelayBus.relayed(message));
                }))
                .forgetful();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("{\"tract\":\"bench\",\"event\":\"ping\",\"n\":")
                    .append(i)
                    .append(",\"pad\":\"xxxxxxxxxx\"}\n");
        }

        assertThat(sendInput(lines.toString())).isEqualTo(new Run(0, "", ""));
        assertThat(next).hasValue(count);
        assertThat(outOfOrder).hasValue(0);
    }

    @Test
    void largeMessagesAreSent() throws IOException {
        RelayBus bus = bus();
        String line = "{\"tract\":\"a\",\"event\":\"b\",\"pad\":\"" + "x".repeat(6 << 20) + "\"}\n";

        assertThat(sendInput(line.repeat(3))).isEqualTo(new Run(0, "", ""));
        assertThat(bus.received()).hasSize(3);
    }

    @Test
    void aMessageThatDoesNotComeBackIsNotProven() throws IOException {
        open(new RelayBus(socket, MUTE));

        Run run = send("--timeout", "0.2", "a", "b");

        assertThat(run)
                .isEqualTo(new Run(
                        1,
                        "",
                        "callosum send: The bus on '" + socket + "' did not send message 1 back within 0.2 s:"
                                + " 0 of 1 messages sent are proven to be taken" + System.lineSeparator()));
    }

    @Test
    void aMessageThatIsDroppedAmongOthersIsNamed() throws IOException {
        open(new RelayBus(
                socket, message -> message.event().equals("2") ? List.of() : List.of(RelayBus.relayed(message))));

        Run run = sendInput("--timeout", "0.2", events("1", "2", "3"));

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("did not send message 2 back", ": 1 of 3 messages sent are proven");
    }

    @Test
    void whatOthersSendIsNoEcho() throws IOException {
        open(new RelayBus(
                socket,
                message -> List.of(
                        "{\"tract\": \"x\", \"event\": \"b\", \"n\": 1}\n",
                        "{\"tract\": \"a\", \"event\": \"x\", \"n\": 1}\n",
                        "{\"tract\": \"a\", \"event\": \"b\", \"n\": 2}\n",
                        "{\"tract\": \"a\", \"event\": \"b\", \"n\": 1, \"more\": 1, \"ts\": 1}\n",
                        "not even a message\n",
                        "{\"tract\": \"a\", \"event\": \"b\"}\n")));

        Run run = send("--timeout", "0.2", "a", "b", "n=1");

        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void anEchoIsFoundAmongWhatOthersSend() throws IOException {
        open(new RelayBus(
                socket,
                message -> List.of(
                        "{\"tract\": \"logs\", \"event\": \"line\"}\n",
                        RelayBus.relayed(message),
                        "{\"tract\": \"logs\", \"event\": \"line\"}\n")));

        assertThat(sendInput(events("1", "2", "3"))).isEqualTo(new Run(0, "", ""));
    }

    @Test
    void aBusThatClosesTheConnectionIsReported() throws IOException {
        open(new RelayBus(
                socket, message -> message.event().equals("2") ? RelayBus.CLOSE : List.of(RelayBus.relayed(message))));

        Run run = sendInput(events("1", "2"));

        assertThat(run.status()).isEqualTo(1);
        // Whether the end is seen as such or as a reset depends on what was still unread.
        assertThat(run.err())
                .matches("callosum send: The bus on '.*' (closed the connection|broke off: .*):"
                        + " 1 of [12] messages sent are proven to be taken\\s+");
    }

    @Test
    void aBusThatReadsNothingDoesNotHoldTheCommandUp() throws IOException {
        open(listenerThatNeverAccepts());
        String line = "{\"tract\":\"a\",\"event\":\"b\",\"pad\":\"" + "x".repeat(1 << 20) + "\"}\n";

        Run run = sendInput("--timeout", "0.2", line.repeat(5));

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("did not send message 1 back within 0.2 s");
    }

    @Test
    void anInputThatDoesNotEndIsSentAtOnceAndDoesNotHideThatTheBusIsGone() throws Exception {
        RelayBus bus = bus();
        GatedInput input = new GatedInput(events("1"));
        CompletableFuture<Run> run =
                CompletableFuture.supplyAsync(() -> Run.of(new SendCommand(input), "--socket", socket.toString()));
        input.awaitRead();
        assertThat(run).isNotDone();

        bus.closeClients();

        assertThat(run.get(30, SECONDS).status()).isEqualTo(1);
        input.end();
    }

    @Test
    void theFirstBadLineEndsTheSendingAndNothingBeforeItIsLost() throws IOException {
        RelayBus bus = bus();

        Run run = sendInput("{\"tract\":\"a\",\"event\":\"1\"}\n\n{\"tract\":\"a\",\"event\":\"2\"}\nnonsense\n"
                + "{\"tract\":\"a\",\"event\":\"3\"}\n");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("callosum send: Line 4: Not JSON: ")
                .endsWith(": nothing was sent from there on, 2 before it" + System.lineSeparator());
        assertThat(bus.received()).extracting(Message::event).containsExactly("1", "2");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "[1]                          | Line 1: Not a JSON object",
                "{\"tract\":\"a\"}            | Line 1: Not a message: 'event' is missing",
                "{\"tract\":1,\"event\":\"b\"} | Line 1: Not a message: 'tract' is not a string",
                "{\"tract\":\"a\",\"event\":\"b\"}{} | Line 1: Not JSON: something follows the value"
            })
    void aLineThatIsNoMessageIsNamedWithTheReason(String line, String reason) throws IOException {
        bus();

        Run run = sendInput(line);

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).startsWith("callosum send: " + reason);
    }

    @Test
    void aLineThatIsNotUtf8IsNamed() throws IOException {
        bus();

        Run run = Run.of(
                new SendCommand(new ByteArrayInputStream(new byte[] {(byte) 0xff, '\n'})),
                "--socket",
                socket.toString());

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).startsWith("callosum send: Line 1: Not UTF-8: nothing was sent");
    }

    @Test
    void aBadLineAfterALineThatIsNotProvenIsAFailure() throws IOException {
        open(new RelayBus(socket, MUTE));

        Run run = sendInput("--timeout", "0.2", "{\"tract\":\"a\",\"event\":\"1\"}\nnonsense\n");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("0 of 1 messages sent are proven", "Line 2: Not JSON");
    }

    @Test
    void whereNobodyListensTheSocketAndTheRemedyAreNamed() {
        Run run = send("a", "b");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("callosum send: Cannot connect to '" + socket + "'")
                .endsWith(": is callosum running?" + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "observe           | 'observe' alone is no message: give a tract and an event",
                "a b c             | 'c' is not a field: write key=value",
                "a b n=1 n=2       | Field 'n' is given twice",
                "--nonsense a b    | Unknown option: '--nonsense'",
                "--timeout 0 a b   | Invalid value for option '--timeout': '0' is no time above 0",
                "--timeout x a b   | Invalid value for option '--timeout': 'x' is no time above 0: write seconds, or",
                "--journal . a b   | mutually exclusive"
            })
    void wrongUsageIsNamedAndNothingIsSent(String arguments, String error) throws IOException {
        RelayBus bus = bus();

        Run run = send(arguments.split(" "));

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains(error);
        assertThat(bus.connections()).isZero();
    }

    @Test
    void aWordThatJavaCouldNotDecodeIsRefusedRatherThanSentBroken() throws IOException {
        RelayBus bus = bus();

        Run run = send("a", "b", "text=Gr\ufffd\ufffd\ufffd\ufffde");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("no text in this locale: set LC_ALL=C.UTF-8");
        assertThat(bus.connections()).isZero();
    }

    @Test
    void theHelpHasExamplesAndTheExitStatuses() {
        Run run = Run.of(new SendCommand(InputStream.nullInputStream()), "--help");

        assertThat(run.status()).isZero();
        assertThat(run.out())
                .contains("callosum send observe observed day=20260101", "Exit status:", "  0   ", "  1   ", "  2   ")
                .contains("--journal", "--socket", "--timeout", "Default: 10.");
    }

    private RelayBus bus() throws IOException {
        return open(new RelayBus(socket));
    }

    private <T extends AutoCloseable> T open(T one) {
        opened.add(one);
        return one;
    }

    private ServerSocketChannel listenerThatNeverAccepts() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        return server;
    }

    private Run send(String... arguments) {
        return run(InputStream.nullInputStream(), arguments);
    }

    /** Runs it with the last argument as its standard input. */
    private Run sendInput(String... argumentsAndInput) {
        int last = argumentsAndInput.length - 1;
        return run(
                new ByteArrayInputStream(argumentsAndInput[last].getBytes(UTF_8)),
                IntStream.range(0, last).mapToObj(i -> argumentsAndInput[i]).toArray(String[]::new));
    }

    private Run run(InputStream input, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
        all.addAll(List.of(arguments));
        return Run.of(new SendCommand(input), all.toArray(String[]::new));
    }

    private static String events(String... events) {
        StringBuilder lines = new StringBuilder();
        for (String event : events) {
            lines.append("{\"tract\":\"a\",\"event\":\"").append(event).append("\"}\n");
        }
        return lines.toString();
    }

    /** An input that gives a text and then waits; says when it was asked for more, which is after the text was sent. */
    private static final class GatedInput extends InputStream {
        private final ByteArrayInputStream text;
        private final CountDownLatch read = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);

        GatedInput(String text) {
            this.text = new ByteArrayInputStream(text.getBytes(UTF_8));
        }

        void awaitRead() throws InterruptedException {
            read.await();
        }

        void end() {
            end.countDown();
        }

        @Override
        public int available() {
            return text.available();
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int count = text.read(target, offset, length);
            if (count < 0) {
                read.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return count;
        }
    }
}
