// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.callosum.journal.RecordingLogger;
import org.callosum.remote.client.NoRuntimeException;
import org.callosum.remote.client.ShellClient;
import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Frame;
import org.callosum.remote.wire.FrameChannel;
import org.callosum.remote.wire.FrameType;
import org.callosum.remote.wire.Request;
import org.callosum.socket.PeerCredentials;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class ShellServerTest {
    private static final InputStream NOTHING = InputStream.nullInputStream();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path journal;

    private final FakeInterpreter interpreter = new FakeInterpreter();
    private final RecordingLogger log = new RecordingLogger();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();
    private final List<ShellClient> clients = new ArrayList<>();
    private ShellServer server;

    @AfterEach
    void nothingIsLeft() throws IOException {
        for (ShellClient client : clients) {
            client.close();
        }
        if (server != null) {
            server.close(PATIENCE);
            assertThat(server.sessions()).isZero();
        }
        await().atMost(PATIENCE).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("callosum shell")));
        assertThat(socket()).doesNotExist();
    }

    @Test
    void itsSocketIsForTheOwnUserAlone() throws Exception {
        start(2);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-------");
    }

    @Test
    void outputErrorsAndStatusComeBackApart() throws Exception {
        start(2);

        assertThat(run("both", NOTHING)).isEqualTo(End.DONE);
        assertThat(run("nonsense", NOTHING)).isEqualTo(new End(3, "what is 'nonsense'?"));
        assertThat(out).hasToString("out ");
        assertThat(error).hasToString("error ");
    }

    @Test
    void inputGoesThroughUnalteredHoweverLong() throws Exception {
        start(2);
        byte[] bytes = new byte[3_000_001];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }

        assertThat(run("copy", new ByteArrayInputStream(bytes))).isEqualTo(End.DONE);
        assertThat(out.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void inputThatNobodyReadsIsNotTaken() throws Exception {
        start(2);
        ByteArrayInputStream in = new ByteArrayInputStream("mine".getBytes(StandardCharsets.UTF_8));

        run("both", in);

        assertThat(in.available()).isEqualTo(4);
    }

    @Test
    void sizeAndInterruptReachTheConversation() throws Exception {
        start(3);
        for (int i = 0; i < 2; i++) {
            ShellClient client = connect();
            CompletableFuture<End> end = runAsync(client, "wait");
            interpreter.begun.acquire();
            if (i == 0) {
                client.resize(133, 50);
            } else {
                client.interrupt();
            }
            assertThat(end.get(20, TimeUnit.SECONDS)).isEqualTo(End.DONE);
        }

        assertThat(interpreter.told).contains("133x50", "interrupt");
    }

    @Test
    void aClientThatDiesEndsItsSessionAndNoOther() throws Exception {
        start(3);
        ShellClient other = connect();
        CompletableFuture<End> otherEnd = runAsync(other, "wait");
        ShellClient dying = connect();
        runAsync(dying, "wait");
        interpreter.begun.acquire(2);

        dying.close();

        await().atMost(PATIENCE).until(() -> server.sessions() == 1);
        assertThat(interpreter.told).containsExactly("hang up");
        assertThat(otherEnd).isNotDone();
        other.interrupt();
        assertThat(otherEnd.get(20, TimeUnit.SECONDS)).isEqualTo(End.DONE);
    }

    @Test
    void aClientThatDiesWithoutReadingEndsACommandThatWrites() throws Exception {
        start(2);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            FrameChannel frames = new FrameChannel(channel);
            frames.write(new Request("flood", "", 0, 0).toFrame());
            assertThat(frames.read().type()).isEqualTo(FrameType.OUTPUT); // and never again
        }

        await().atMost(PATIENCE).until(() -> server.sessions() == 0);
    }

    @Test
    void aServerThatEndsTellsItsClients() throws Exception {
        start(2);
        CompletableFuture<End> end = runAsync(connect(), "wait");
        interpreter.begun.acquire();

        server.close(PATIENCE);

        assertThatThrownBy(() -> end.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .hasMessageContaining("The runtime");
        assertThat(interpreter.closed.getCount())
                .as("the interpreter is closed")
                .isZero();
        assertThatThrownBy(() -> ShellClient.connect(journal))
                .isInstanceOf(NoRuntimeException.class)
                .hasMessageContaining("No runtime runs on journal '" + journal + "'");
    }

    @Test
    void moreThanAreAllowedAreRefusedWithTheRemedy() throws Exception {
        start(1);
        ShellClient first = connect();
        CompletableFuture<End> end = runAsync(first, "wait");
        interpreter.begun.acquire();

        End refused = run("both", NOTHING);
        first.interrupt();
        end.get(20, TimeUnit.SECONDS);
        await().atMost(PATIENCE).until(() -> server.sessions() == 0);

        assertThat(refused.status()).isEqualTo(End.FAILED);
        assertThat(refused.message()).contains("1 shells at once", "'maxSessions'");
        assertThat(run("both", NOTHING)).isEqualTo(End.DONE);
    }

    @Test
    void whyItRefusesIsHeardAlsoByOneWhoSpeaksTooLate() throws Exception {
        start(1);
        ShellClient first = connect();
        CompletableFuture<End> end = runAsync(first, "wait");
        interpreter.begun.acquire();
        ShellClient late = connect();
        ShellClient another = connect();
        assertThat(another.run(new Request("both", "", 0, 0), NOTHING, out, error)
                        .status())
                .isEqualTo(End.FAILED); // so the one before is refused, too, and its connection closed

        assertThat(late.run(new Request("both", "", 0, 0), NOTHING, out, error).message())
                .contains("'maxSessions'");
        first.interrupt();
        end.get(20, TimeUnit.SECONDS);
    }

    @Test
    void anotherUserIsRefusedAndNamed() throws Exception {
        start(2, channel -> Optional.of(new PeerCredentials.Principals(() -> "mallory", () -> "users")));

        assertThatThrownBy(() -> run("both", NOTHING)).isInstanceOf(IOException.class);
        assertThat(log.await("WARN").text())
                .contains("User 'mallory' is refused", " [user=mallory socket=" + socket() + "]");
    }

    @Test
    void anotherVersionOfTheWireIsRefusedWithTheRemedy() throws Exception {
        start(2);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            FrameChannel frames = new FrameChannel(channel);
            frames.write(new Frame(
                    FrameType.HELLO,
                    ByteBuffer.allocate(4).putInt(Request.VERSION + 1).array()));

            assertThat(End.of(frames.read()).message()).contains("version 2", "bin/callosum of the distribution");
        }
    }

    @Test
    void whatIsNoFrameEndsTheConnectionAndHarmsNobody() throws Exception {
        start(2);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            channel.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8)));

            await().atMost(PATIENCE).until(() -> server.sessions() == 0);
        }
        assertThat(run("both", NOTHING)).isEqualTo(End.DONE);
    }

    @Test
    void aDeletedSocketFileIsBoundAgain() throws Exception {
        start(2);
        Files.delete(socket());

        await().atMost(PATIENCE).until(() -> Files.exists(socket()));
        assertThat(run("both", NOTHING)).isEqualTo(End.DONE);
    }

    @Test
    void aPlaceThatAnotherRuntimeHasIsTakenWhenItIsFree() throws Exception {
        start(2);
        FakeInterpreter others = new FakeInterpreter();
        ShellServer second = new ShellServer(socket(), 2, PeerCredentials.ofPlatform(), others, log.logger());
        second.start();
        try {
            assertThat(log.await("WARN").text())
                    .contains("served by somebody else", " [socket=" + socket() + " reason=");
            server.close(PATIENCE);
            await().atMost(PATIENCE).until(() -> Files.exists(socket()));

            assertThat(run("both", NOTHING)).isEqualTo(End.DONE);
            assertThat(others.begun.tryAcquire()).isTrue();
        } finally {
            second.close(PATIENCE);
        }
    }

    @Test
    void withoutARuntimeThereIsASentenceWithTheRemedy() {
        assertThatThrownBy(() -> ShellClient.connect(journal))
                .isInstanceOf(NoRuntimeException.class)
                .hasMessageContaining("No runtime runs on journal '" + journal + "'")
                .hasMessageContaining("'callosum run' starts one");
    }

    private void start(int maxSessions) throws IOException {
        start(maxSessions, PeerCredentials.ofPlatform());
    }

    private void start(int maxSessions, PeerCredentials credentials) throws IOException {
        server = new ShellServer(socket(), maxSessions, credentials, interpreter, log.logger());
        server.start();
        await().atMost(PATIENCE)
                .until(() -> Files.exists(socket())
                        && PosixFilePermissions.toString(Files.getPosixFilePermissions(socket()))
                                .equals("rw-------"));
    }

    private ShellClient connect() throws IOException {
        ShellClient client = ShellClient.connect(journal);
        clients.add(client);
        return client;
    }

    private End run(String commands, InputStream in) throws IOException {
        try (ShellClient client = ShellClient.connect(journal)) {
            return client.run(new Request(commands, "", 0, 0), in, out, error);
        }
    }

    private CompletableFuture<End> runAsync(ShellClient client, String commands) {
        CompletableFuture<End> end = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                end.complete(client.run(new Request(commands, "", 0, 0), NOTHING, out, error));
            } catch (IOException e) {
                end.completeExceptionally(e);
            }
        });
        thread.start();
        return end;
    }

    private Path socket() {
        return journal.resolve("health").resolve("shell.sock");
    }
}
