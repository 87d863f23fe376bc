// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

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
    private final List<FrameLog.Cursor> places = new ArrayList<>();
    private final List<Entrance> entrances = new ArrayList<>();
    private final BusMemory memory = new BusMemory(List.of(), () -> ServerSettings.DEFAULT, counters, log.logger());
    private final FrameLog frames = new FrameLog(memory, () -> 0);

    /** One for each time that the loop was to take a turn. */
    private final Semaphore wakeUps = new Semaphore(0);

    private final AtomicLong nanos = new AtomicLong();
    private final UserPrincipal self = new User("self");
    private ServerSocketChannel listener;
    private Optional<PeerCredentials.Principals> peer = peer(self);
    private Set<String> allowed = Set.of();
    private long backlogBytes = ServerSettings.DEFAULT.backlogBytes();

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        listener.configureBlocking(false);
    }

    @AfterEach
    void close() throws IOException {
        entrances.forEach(Entrance::end);
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
        assertThat(entrance.arrivals()).isEqualTo(-1);
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
    void aBurstOfClientsIsAcceptedByAndBy() throws Exception {
        Entrance entrance = entrance(listener::accept);
        for (int i = 0; i < Entrance.TURN_CLIENTS + 1; i++) {
            connect();
        }
        assertThat(letIn(entrance, 0)).as("some may be left").isTrue();
        assertThat(entrance.arrivals()).isEqualTo(-1);
        assertThat(guests).hasSize(Entrance.TURN_CLIENTS);
        assertThat(letIn(entrance, 0)).isFalse();
        assertThat(guests).hasSize(Entrance.TURN_CLIENTS + 1);
        assertThat(entrance.arrivals()).isEqualTo(Entrance.TURN_CLIENTS + 1);
    }

    @Test
    void aClientThatIsGoneAlreadyHarmsNobody() throws Exception {
        Entrance entrance = entrance(listener::accept, channel -> {
            throw new IOException("Socket is not connected");
        });
        connect();
        letIn(entrance, 0);
        assertThat(guests).isEmpty();
        assertThat(entrance.isClosed()).isFalse();
    }

    @Test
    void whileTheDirectoryOfUsersDoesNotAnswerNobodyWaitsButThoseWhoCome() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        Entrance entrance = entrance(listener::accept, answeringAfter(answers));
        connect();

        entrance.accept(0);
        assertThat(entrance.letIn(this::enter)).isFalse();
        frames.append(frame("since it was accepted"));
        assertThat(guests).isEmpty();
        assertThat(counters.byName(0, 0)).containsEntry("entering", 1L);

        answers.countDown();
        awaitAllIn(entrance);
        assertThat(guests).containsExactly("self:users");
        assertThat(places.get(0).pending()).as("gets what came meanwhile").isEqualTo(frames.end());
        assertThat(counters.byName(0, 0)).containsEntry("entering", 0L);
    }

    @Test
    void whatComesInTheMeantimeIsKeptForThemUpToALimit() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        Entrance entrance = entrance(listener::accept, answeringAfter(answers));
        connect();
        entrance.accept(0);
        frames.append(ByteBuffer.wrap(new byte[Entrance.KEPT_BYTES / 2]));
        connect();
        entrance.accept(0);
        frames.append(ByteBuffer.wrap(new byte[Entrance.KEPT_BYTES / 2]));
        entrance.letIn(this::enter); // the first one has more than the limit before it now

        answers.countDown();
        awaitAllIn(entrance);
        assertThat(places.get(0).pending()).as("the first one").isZero();
        assertThat(places.get(1).pending()).as("the second one").isEqualTo(Entrance.KEPT_BYTES / 2 + 1);
    }

    @Test
    void noMoreThanSomeStandBeforeTheDoorkeeperAndThenItGoesOn() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        int[] left = {Entrance.MAX_BEFORE_DOORKEEPER + 10};
        Entrance entrance = entrance(() -> left[0]-- > 0 ? SocketChannel.open() : null, answeringAfter(answers));
        while (entrance.accept(0)) {}
        assertThat(entrance.isFull()).isTrue();
        assertThat(entrance.arrivals()).as("some wait").isEqualTo(-1);

        answers.countDown();
        while (entrance.isFull()) {
            entrance.letIn(this::enter);
        }
        assertThat(entrance.arrivals()).as("they still do").isEqualTo(-1);
        entrance.letAllIn(this::enter, Duration.ofSeconds(20));
        assertThat(entrance.arrivals()).isEqualTo(Entrance.MAX_BEFORE_DOORKEEPER + 10);
        assertThat(guests).hasSize(Entrance.MAX_BEFORE_DOORKEEPER + 10);
        assertThat(entrance.isFull()).isFalse();
    }

    @Test
    void whoHasRoomToComeInAgainIsAcceptedAtOnce() throws Exception {
        int[] left = {Entrance.MAX_BEFORE_DOORKEEPER + 1};
        Entrance entrance = entrance(() -> left[0]-- > 0 ? SocketChannel.open() : null);
        while (entrance.accept(0)) {}
        assertThat(entrance.isFull()).isTrue();
        boolean isLeft = false;
        while (entrance.isFull()) {
            isLeft = entrance.letIn(this::enter);
        }
        assertThat(isLeft).isTrue();
    }

    @Test
    void aDirectoryOfUsersThatTakesLongIsNamed() throws Exception {
        Entrance entrance = entrance(listener::accept, channel -> {
            nanos.addAndGet(3 * SECOND);
            return peer;
        });
        connect();
        letIn(entrance, 0);

        assertThat(log.lines("WARN"))
                .singleElement()
                .asString()
                .startsWith("WARN To look up who a client is took 3000 ms")
                .endsWith(" [elapsed_ms=3000]");
        assertThat(guests).hasSize(1);
    }

    @Test
    void whoStandsBeforeTheDoorkeeperAtTheEndIsSentAway() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        Entrance entrance = entrance(listener::accept, answeringAfter(answers));
        SocketChannel first = connect();
        SocketChannel second = connect();
        entrance.accept(0);

        assertThat(entrance.end()).isEqualTo(2);
        assertThat(second.read(ByteBuffer.allocate(1)))
                .as("who is not looked at yet, at once")
                .isEqualTo(-1);
        assertThat(counters.entering).isZero();
        assertThatNoPlaceIsLeft();

        answers.countDown();
        assertThat(first.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(guests).isEmpty();
        assertThat(entrance.end()).as("the second time").isZero();
    }

    @Test
    void whoIsAcceptedAfterTheEndIsSentAway() throws Exception {
        Entrance entrance = entrance(listener::accept);
        entrance.end();
        SocketChannel late = connect();

        entrance.acceptAll(this::enter, Duration.ofSeconds(20));

        assertThat(late.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(guests).isEmpty();
    }

    @Test
    void toAcceptAllWaitsForNoVerdict() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        Entrance entrance = entrance(listener::accept, answeringAfter(answers));
        connect();
        connect();

        entrance.acceptAll(this::enter, Duration.ofHours(1));

        assertThat(counters.entering).isEqualTo(2);
        answers.countDown();
        awaitAllIn(entrance);
        assertThat(guests).hasSize(2);
    }

    @Test
    void whatIsKeptForThemIsNoFullBacklog() throws Exception {
        backlogBytes = 1_000;
        CountDownLatch answers = new CountDownLatch(1);
        Entrance entrance = entrance(listener::accept, answeringAfter(answers));
        connect();
        entrance.accept(0);
        frames.append(frame("x".repeat(501)));
        entrance.keepNoMoreThanIsBounded();

        answers.countDown();
        awaitAllIn(entrance);
        assertThat(places.get(0).pending()).isZero();
    }

    @Test
    void oneWhoCannotBeLetInIsSentAwayAndTheNextOneIsNot() throws Exception {
        Entrance entrance = entrance(listener::accept);
        SocketChannel first = connect();
        connect();
        entrance.accept(0);
        wakeUps.acquire(2); // both have their verdict
        boolean[] hasFailed = {false};

        entrance.letIn((channel, who, place) -> {
            if (!hasFailed[0]) {
                hasFailed[0] = true;
                throw new IllegalStateException("broken");
            }
            enter(channel, who, place);
        });

        assertThat(first.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(guests).hasSize(1);
        assertThat(counters.accepted.sum()).isEqualTo(1);
        assertThat(log.lines("ERROR"))
                .singleElement()
                .asString()
                .startsWith("ERROR A client could not be let in: it is sent away, and this is a defect");
        places.get(0).close();
        assertThatNoPlaceIsLeft();
    }

    @Test
    void aDoorkeeperThatFailsSendsAwayAndTheLoopIsToldOfIt() throws Exception {
        Entrance entrance = entrance(listener::accept, channel -> {
            throw new NoClassDefFoundError("broken");
        });
        SocketChannel client = connect();
        entrance.accept(0);
        wakeUps.acquire();
        entrance.letIn(this::enter);

        assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(guests).isEmpty();
        assertThat(log.lines("ERROR"))
                .singleElement()
                .asString()
                .startsWith("ERROR Who connects could not be told: a client is sent away");
    }

    /** Whatever comes, the log takes no more than the chunk that it is at and the one before. */
    private void assertThatNoPlaceIsLeft() {
        for (int i = 0; i < 100; i++) {
            frames.append(ByteBuffer.wrap(new byte[FrameLog.CHUNK_BYTES / 2]));
        }
        assertThat(memory.bytes()).isLessThanOrEqualTo(2 * FrameLog.CHUNK_BYTES);
    }

    private PeerCredentials answeringAfter(CountDownLatch latch) {
        return channel -> {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return peer;
        };
    }

    private Entrance entrance(Entrance.Acceptor acceptor) {
        return entrance(acceptor, channel -> peer);
    }

    private Entrance entrance(Entrance.Acceptor acceptor, PeerCredentials credentials) {
        Entrance entrance = new Entrance(
                new Doorkeeper(credentials, self, log.logger()),
                () -> new ServerSettingsBuilder()
                        .allowedUsers(allowed)
                        .backlogBytes(backlogBytes)
                        .build(),
                counters,
                nanos::get,
                log.logger());
        entrance.leadTo(frames::cursorAtEnd, wakeUps::release);
        entrance.moveTo(acceptor);
        entrances.add(entrance);
        return entrance;
    }

    /** Whether there may be more to accept, when all who were accepted have been looked at. */
    private boolean letIn(Entrance entrance, long nowNanos) {
        nanos.addAndGet(nowNanos - nanos.get());
        boolean isLeft = entrance.accept(nowNanos);
        awaitAllIn(entrance);
        return isLeft;
    }

    private void awaitAllIn(Entrance entrance) {
        while (counters.entering > 0) {
            entrance.letIn(this::enter);
            Thread.onSpinWait();
        }
    }

    private void enter(SocketChannel channel, Peer who, FrameLog.Cursor place) {
        guests.add(who.user() + ":" + who.group());
        clients.add(channel);
        places.add(place);
    }

    private static ByteBuffer frame(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
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
