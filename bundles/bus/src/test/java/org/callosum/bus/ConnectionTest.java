// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.callosum.api.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A connection, against a peer that says byte for byte what the test has it say. */
@Timeout(30)
class ConnectionTest {
    @TempDir
    private Path folder;

    private Path socket;
    private ServerSocketChannel server;
    private Connection connection;
    private SocketChannel peer;

    @BeforeEach
    void connect() throws IOException {
        socket = folder.resolve("bus.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        connection = Connection.open(socket);
        peer = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        connection.close();
        peer.close();
        server.close();
    }

    @Test
    void aMessageIsSentAsOneLine() throws IOException {
        connection.send(Message.of("observe", "observed", Map.of("n", 1)));
        connection.send("{\"tract\": \"a\", \"event\": \"ü\"}");
        connection.shutdownOutput();

        assertThat(peerReadsAll())
                .isEqualTo("{\"tract\":\"observe\",\"event\":\"observed\",\"n\":1}\n"
                        + "{\"tract\": \"a\", \"event\": \"ü\"}\n");
    }

    @Test
    void aLineBreakInALineIsRefused() {
        assertThatThrownBy(() -> connection.send("{}\n{}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line break");
    }

    @Test
    void aMessageKeepsItsTextToTheLetter() throws IOException {
        String line = "{ \"n\": 1.0, \"tract\": \"a\",\"event\":\"b\", \"big\": 1e400 }";
        peerSays(line + "\n");

        Message message = connection.read();

        assertThat(message.toJson()).isEqualTo(line);
        assertThat(message.tract()).isEqualTo("a");
        assertThat(message.event()).isEqualTo("b");
    }

    @Test
    void framesMayBeCutAnywhere() throws IOException {
        byte[] bytes = "{\"tract\":\"ä\",\"event\":\"𝄞\"}\r\n\n{\"tract\":\"a\",\"event\":\"2\"}\n".getBytes(UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            ByteBuffer first = ByteBuffer.wrap(bytes, 0, cut);
            ByteBuffer second = ByteBuffer.wrap(bytes, cut, bytes.length - cut);
            peer.write(first);
            // Read in between: whether the first piece has come alone or with the second one, the result is the same.
            connection.isReady();
            peer.write(second);

            assertThat(connection.read().toJson()).as("cut at %d", cut).isEqualTo("{\"tract\":\"ä\",\"event\":\"𝄞\"}");
            assertThat(connection.read().event()).as("cut at %d", cut).isEqualTo("2");
        }
        assertThat(connection.invalidLines()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "[]",
                "{\"tract\":\"a\"}",
                "{\"tract\":\"a\",\"event\":1}",
                "{\"tract\":\"a\",\"event\":\"b\"}{}",
                "{\"tract\":\"a\",\"event\":\"b\""
            })
    void anInvalidLineIsSkippedAndCounted(String line) throws IOException {
        peerSays(line + "\n{\"tract\":\"a\",\"event\":\"next\"}\n");

        assertThat(connection.read().event()).isEqualTo("next");
        assertThat(connection.invalidLines()).isEqualTo(1);
    }

    @Test
    void aLineThatIsNotUtf8IsSkippedAndCounted() throws IOException {
        peer.write(ByteBuffer.wrap(new byte[] {'"', (byte) 0xc3, '"', '\n'}));
        peerSays("{\"tract\":\"a\",\"event\":\"next\"}\n");

        assertThat(connection.read().event()).isEqualTo("next");
        assertThat(connection.invalidLines()).isEqualTo(1);
    }

    @Test
    void blankLinesAreNeitherMessagesNorInvalid() throws IOException {
        peerSays("\n\r\n \t\n{\"tract\":\"a\",\"event\":\"b\"}\n");

        assertThat(connection.read().event()).isEqualTo("b");
        assertThat(connection.invalidLines()).isZero();
    }

    @Test
    void theEndIsNullAfterALastMessageWithoutALineBreak() throws IOException {
        peerSays("{\"tract\":\"a\",\"event\":\"last\"}");
        peer.shutdownOutput();

        assertThat(connection.read().event()).isEqualTo("last");
        assertThat(connection.read()).isNull();
        assertThat(connection.read()).as("again").isNull();
    }

    @Test
    void readyMeansAMessageWithoutWaiting() throws IOException {
        assertThat(connection.isReady()).isFalse();
        // One write, so that one read brings all of it.
        peerSays("{\"tract\":\"a\",\"event\":\"1\"}\n{\"tract\":\"a\",\"event\":\"2\"}\n\nnonsense\n{\"tract\"");

        assertThat(connection.read().event()).isEqualTo("1");
        assertThat(connection.isReady()).as("before the second").isTrue();
        assertThat(connection.read().event()).isEqualTo("2");
        assertThat(connection.isReady())
                .as("with a blank line, a bad one and half a message")
                .isFalse();
    }

    @Test
    void aLongMessageComesWhole() throws Exception {
        Message sent = Message.of("a", "b", Map.of("pad", "ü".repeat(2 << 20)));
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> peerSays(sent.toJson() + "\n"));

        assertThat(connection.read()).isEqualTo(sent);
        writer.get();
    }

    @Test
    void readingAndSendingGoOnSideBySide() throws Exception {
        int count = 20_000;
        CompletableFuture<String> peerGot = CompletableFuture.supplyAsync(() -> {
            for (int i = 0; i < count; i++) {
                peerSays("{\"tract\":\"a\",\"event\":\"b\",\"n\":" + i + "}\n");
            }
            return peerReadsAll();
        });
        CompletableFuture<List<Long>> read = CompletableFuture.supplyAsync(() -> {
            List<Long> numbers = new ArrayList<>();
            while (numbers.size() < count) {
                numbers.add(readNext().longNumber("n").orElseThrow());
            }
            return numbers;
        });
        for (int i = 0; i < count; i++) {
            connection.send(
                    "{}"); // the peer reads only when all it has to say is read: one that did not read would hang
        }
        connection.shutdownOutput();

        assertThat(read.get()).hasSize(count).isSorted();
        assertThat(peerGot.get()).hasLineCount(count);
    }

    @Test
    void closingEndsAReadThatWaits() {
        CompletableFuture<Message> read = CompletableFuture.supplyAsync(this::readNext);
        CompletableFuture.runAsync(this::closeConnection).join();

        assertThatThrownBy(read::join).hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void aMissingSocketIsNamedWithTheRemedy() {
        Path missing = folder.resolve("none.sock");

        assertThatThrownBy(() -> Connection.open(missing))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("'" + missing + "'")
                .hasMessageEndingWith(": is callosum running?");
    }

    @Test
    void aSocketFileThatNobodyListensOnIsNamedWithTheRemedy() throws IOException {
        server.close();
        assertThat(Files.exists(socket)).as("stale socket file").isTrue();

        assertThatThrownBy(() -> Connection.open(socket))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("'" + socket + "'")
                .hasMessageEndingWith(": is callosum running?");
    }

    @Test
    void aPathThatIsTooLongForASocketIsNamedWithTheRemedy() {
        Path tooLong = folder.resolve("x".repeat(120));

        assertThatThrownBy(() -> Connection.open(tooLong))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("'" + tooLong + "'")
                .hasMessageEndingWith(": use a shorter path");
    }

    private Message readNext() {
        try {
            return connection.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closeConnection() {
        try {
            connection.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void peerSays(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        try {
            while (bytes.hasRemaining()) {
                peer.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String peerReadsAll() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        try {
            while (peer.read(buffer.clear()) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toString(UTF_8);
    }
}
