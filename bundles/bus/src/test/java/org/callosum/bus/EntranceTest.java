// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.callosum.journal.RecordingLogger;
import org.callosum.socket.PeerCredentials;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Who is let in, and what happens when nobody can be. */
@Timeout(30)
class EntranceTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** A user as the platform has them: by name. */
    private record User(String getName) implements UserPrincipal {}

    @TempDir
    Path folder;

    private final RecordingLogger log = new RecordingLogger();
    private final ServerCounters counters = new ServerCounters();
    private final List<String> guests = new ArrayList<>();
    private final List<SocketChannel> clients = new ArrayList<>();
    private final UserPrincipal self = new User("self");
    private ServerSocketChannel listener;
    private Optional<PeerCredentials.Principals> peer = peer(self);
    private Set<String> allowed = Set.of();

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        listener.configureBlocking(false);
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    @Test
    void theOwnUserRootAndTheConfiguredOnesAreLetIn() throws Exception {
        allowed = Set.of("friend");
        Entrance entrance = entrance(listener::accept);
        for (String user : List.of("self", "root", "0", "friend")) {
            peer = peer(new User(user));
            connect();
            letIn(entrance, 0);
        }
        assertThat(guests).containsExactly("self:users", "root:users", "0:users", "friend:users");
        assertThat(counters.accepted.sum()).isEqualTo(4);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void anotherUserIsRefusedAndTheRefusalSaidOnceASecond() throws Exception {
        Entrance entrance = entrance(listener::accept);
        peer = peer(new User("stranger\n"));
        SocketChannel stranger = connect();
        connect();
        letIn(entrance, 0);
        connect();
        letIn(entrance, SECOND);

        assertThat(guests).isEmpty();
        assertThat(counters.refusedPeers.sum()).isEqualTo(3);
        assertThat(stranger.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(log.lines())
                .containsExactly(
                        "WARN User 'stranger\\u000a' is refused: the bus is open to 'self' and root; add the user to"
                                + " 'allowedUsers' to change that [user=stranger\\u000a]",
                        "WARN User 'stranger\\u000a' is refused: the bus is open to 'self' and root; add the user to"
                                + " 'allowedUsers' to change that (and 1 more before) [user=stranger\\u000a left_out=1]");
    }

    @Test
    void aUserWithTheOwnNameWhoIsAnotherIsRefused() throws Exception {
        peer = peer(() -> "self"); // equal in name, not the same user
        connect();
        letIn(entrance(listener::accept), 0);
        assertThat(guests).isEmpty();
    }

    @Test
    void wherePeersCannotBeToldAllAreLetInAndThatIsSaidOnce() throws Exception {
        Entrance entrance = entrance(listener::accept);
        peer = Optional.empty();
        connect();
        connect();
        letIn(entrance, 0);
        assertThat(guests).containsExactly("unknown:unknown", "unknown:unknown");
        assertThat(log.lines()).singleElement().asString().startsWith("WARN Who connects cannot be told here");
    }

    @Test
    void thePlatformTellsUserAndGroup() throws Exception {
        SocketChannel client = connect();
        PosixFileAttributes own = Files.readAttributes(folder.resolve("s"), PosixFileAttributes.class);
        assertThat(PeerCredentials.ofPlatform().of(client))
                .contains(new PeerCredentials.Principals(own.owner(), own.group()));
    }

    @Test
    void whereJdkNetIsMissingNobodyIsKnown() throws Exception {
        ClassLoader without = new ClassLoader(getClass().getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (name.startsWith("jdk.net.")) {
                    throw new ClassNotFoundException(name + " is not let through");
                }
                if (!name.equals(PeerCredentials.class.getName())) {
                    return super.loadClass(name, resolve);
                }
                try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                    byte[] bytes = in.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
        };
        Class<?> type = without.loadClass(PeerCredentials.class.getName());
        var ofPlatform = type.getDeclaredMethod("ofPlatform");
        ofPlatform.setAccessible(true);
        var of = type.getMethod("of", SocketChannel.class);
        of.setAccessible(true);

        assertThat(of.invoke(ofPlatform.invoke(null), connect())).isEqualTo(Optional.empty());
    }

    @Test
    void whenTheSystemGivesNoMoreSocketsItTriesAgainAfterASecond() throws Exception {
        boolean[] isExhausted = {true};
        Entrance entrance = entrance(() -> {
            if (isExhausted[0]) {
                throw new IOException("Too many open files");
            }
            return listener.accept();
        });
        connect();
        letIn(entrance, 0);
        assertThat(entrance.isClosed()).isTrue();
        assertThat(entrance.isToBeTriedAgain(SECOND - 1)).isFalse();
        assertThat(entrance.nanosToNextTry(SECOND / 4)).isEqualTo(SECOND - SECOND / 4);
        assertThat(entrance.isToBeTriedAgain(SECOND)).isTrue();

        letIn(entrance, SECOND); // still exhausted
        assertThat(counters.byName(0, 0)).containsEntry("acceptPauses", 1L).containsEntry("acceptPaused", 1L);
        assertThat(entrance.isToBeTriedAgain(SECOND + 1)).isFalse();

        isExhausted[0] = false;
        letIn(entrance, 2 * SECOND);
        assertThat(guests).containsExactly("self:users");
        assertThat(entrance.isClosed()).isFalse();
        assertThat(entrance.nanosToNextTry(0)).isEqualTo(Long.MAX_VALUE);
        assertThat(counters.byName(0, 0)).containsEntry("acceptPauses", 1L).containsEntry("acceptPaused", 0L);
        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().get(0))
                .contains("Too many open files", "tries again every second", "ulimit -n")
                .endsWith(" [reason=\"Too many open files\"]");
        assertThat(log.lines().get(1)).isEqualTo("INFO The bus takes new clients again");
    }

    @Test
    void aBurstOfClientsIsLetInByAndBy() throws Exception {
        Entrance entrance = entrance(listener::accept);
        for (int i = 0; i < Entrance.TURN_CLIENTS + 1; i++) {
            connect();
        }
        assertThat(letIn(entrance, 0)).as("some may be left").isTrue();
        assertThat(guests).hasSize(Entrance.TURN_CLIENTS);
        assertThat(letIn(entrance, 0)).isFalse();
        assertThat(guests).hasSize(Entrance.TURN_CLIENTS + 1);
    }

    @Test
    void aClientThatIsGoneAlreadyHarmsNobody() throws Exception {
        Entrance entrance = new Entrance(
                new Doorkeeper(
                        channel -> {
                            throw new IOException("Socket is not connected");
                        },
                        self,
                        log.logger()),
                () -> ServerSettings.DEFAULT,
                counters,
                log.logger());
        entrance.moveTo(listener::accept);
        connect();
        letIn(entrance, 0);
        assertThat(guests).isEmpty();
        assertThat(entrance.isClosed()).isFalse();
    }

    private Entrance entrance(Entrance.Acceptor acceptor) {
        Entrance entrance = new Entrance(
                new Doorkeeper(channel -> peer, self, log.logger()),
                () -> new ServerSettingsBuilder().allowedUsers(allowed).build(),
                counters,
                log.logger());
        entrance.moveTo(acceptor);
        return entrance;
    }

    private boolean letIn(Entrance entrance, long nowNanos) {
        return entrance.letIn(
                (channel, peer) -> {
                    guests.add(peer.user() + ":" + peer.group());
                    clients.add(channel);
                },
                nowNanos);
    }

    private static Optional<PeerCredentials.Principals> peer(UserPrincipal user) {
        return Optional.of(new PeerCredentials.Principals(user, () -> "users"));
    }

    private SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")));
        clients.add(client);
        return client;
    }
}
