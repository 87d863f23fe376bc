// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import org.callosum.api.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/** A server whose work the receiver's thread does: {@link org.callosum.transport.Transport#work}. */
@Timeout(60)
class LentLoopTest {
    @TempDir
    Path folder;

    private final Signals receiver = new Signals();
    private ServedBus bus;
    private BusServer server;

    @BeforeEach
    void serve() throws IOException {
        bus = ServedBus.in(folder, settings());
        server = bus.server();
        server.attach(receiver);
    }

    /** What the server is to be set to. */
    ServerSettings settings() {
        return ServerSettings.DEFAULT;
    }

    @AfterEach
    void stop() {
        bus.close();
    }

    @Test
    void aGuestServesTheClientsAndHasWhatCameOnItsOwnThread() throws Exception {
        try (WireClient client = WireClient.connect(bus.socket())) {
            Guest guest = new Guest();
            for (int n = 0; n < 100; n++) {
                client.send(Frames.numbered("s", n));
                assertThat(receiver.next().longNumber("n")).hasValue((long) n);
                assertThat(client.readLine()).isEqualTo(Frames.numbered("s", n));
            }
            assertThat(guest.end()).as("it could be had").isTrue();
            assertThat(receiver.lastThread).isEqualTo(guest);
        }
    }

    @Test
    void whatItEmitsWhileItIsAwayIsWrittenWhenItIsBack() throws Exception {
        receiver.answers = true;
        try (WireClient client = WireClient.connect(bus.socket())) {
            Guest guest = new Guest();
            for (int n = 0; n < 100; n++) {
                client.send(Frames.numbered("s", n));
                assertThat(client.readLine()).isEqualTo(Frames.numbered("s", n));
                assertThat(client.readLine()).contains("\"answer\"");
            }
            assertThat(guest.end()).isTrue();
        }
    }

    @Test
    void whileItIsAwayForLongTheOwnThreadGoesOnWithWhatItHadTakenAndEmitted() throws Exception {
        var goOn = new CountDownLatch(1);
        receiver.answers = true;
        receiver.then = () -> awaitQuietly(goOn);
        try (WireClient client = WireClient.connect(bus.socket())) {
            Guest guest = new Guest();
            client.send(Frames.numbered("s", 0));
            receiver.entered.await();

            server.leave();
            assertThat(client.readLine()).isEqualTo(Frames.numbered("s", 0));
            assertThat(client.readLine()).contains("\"answer\"");
            receiver.answers = false;
            receiver.then = () -> {};
            client.send(Frames.numbered("s", 1));
            assertThat(client.readLine()).isEqualTo(Frames.numbered("s", 1));

            goOn.countDown();
            guest.end();
        }
    }

    /** An own event takes the last room in the second half of a turn, and there is room again before the guest waits. */
    @Test
    void roomThatIsThereAgainWhileItIsAwayIsSeen() throws Exception {
        var woken = new AtomicBoolean();
        var full = new RecordingReceiver() {
            @Override
            public void receive(Message message, boolean isReserved) {
                super.receive(message, isReserved);
                if (message.event().equals("last")) {
                    roomFor(0);
                }
                woken.set(true);
            }
        };
        server.detach(receiver);
        server.attach(full);
        try (WireClient client = WireClient.connect(bus.socket())) {
            client.send(Frames.numbered("s", 0));
            full.next();
            woken.set(false);
            Thread guest = new Thread(() -> {
                server.send(Message.of("own", "first", Map.of()));
                server.work(() -> woken.getAndSet(false)); // with the first half of a turn
                server.send(Message.of("own", "last", Map.of()));
                server.work(() -> woken.getAndSet(false)); // with the second: there is no room any more
                full.roomFor(Long.MAX_VALUE);
                server.resume();
                server.work(() -> woken.getAndSet(false));
                server.leave();
            });
            guest.setDaemon(true);
            guest.start();
            assertThat(full.next().event()).isEqualTo("first");
            assertThat(full.next().event()).isEqualTo("last");

            client.send(Frames.numbered("s", 1));
            assertThat(full.next().longNumber("n")).hasValue(1L);
            guest.join(10_000);
            assertThat(guest.isAlive()).isFalse();
        }
    }

    @Test
    void itComesBackWhenItHasSomethingElseToDo() throws Exception {
        Guest guest = new Guest();
        assertThat(guest.end()).isTrue(); // resumed, although nothing comes
    }

    @Test
    void anInterruptOfItsThreadDoesNotTouchTheClients() throws Exception {
        try (WireClient client = WireClient.connect(bus.socket())) {
            Guest guest = new Guest();
            for (int n = 0; n < 20; n++) {
                guest.interrupt();
                client.send(Frames.numbered("s", n));
                assertThat(client.readLine()).isEqualTo(Frames.numbered("s", n));
            }
            assertThat(guest.end()).isTrue();
        }
        assertThat(bus.log().texts("error")).isEmpty();
    }

    @Test
    void aStopSendsItHomeAndClientsGetWhatWaits() throws Exception {
        try (WireClient client = WireClient.connect(bus.socket())) {
            Guest guest = new Guest();
            client.send(Frames.numbered("s", 0));
            receiver.next();
            server.send(Message.of("own", "last", Map.of()));
            bus.close();

            assertThat(client.readLine()).isEqualTo(Frames.numbered("s", 0));
            assertThat(client.readLine()).contains("\"last\"");
            guest.join(10_000);
            assertThat(guest.isAlive()).isFalse();
            assertThat(server.work(() -> true)).as("there is no work any more").isFalse();
        }
    }

    @Test
    void aStopByTheGuestItselfWhileItIsAwayEnds() throws Exception {
        var stopped = new CountDownLatch(1);
        receiver.then = () -> {
            bus.close();
            stopped.countDown();
        };
        try (WireClient client = WireClient.connect(bus.socket())) {
            new Guest();
            client.send(Frames.numbered("s", 0));
            assertThat(stopped.await(10, SECONDS)).isTrue();
        }
    }

    @Test
    void connectionsAreToldWhileAGuestDoesTheWork() throws Exception {
        try (WireClient client = WireClient.connect(bus.socket())) {
            Guest guest = new Guest();
            client.send(Frames.numbered("s", 0)); // it is in
            receiver.next();
            assertThat(server.connections()).hasSize(1);
            assertThat(server.disconnect(server.connections().get(0).id())).isTrue();
            assertThat(guest.end()).isTrue();
        }
    }

    @Test
    void theGuestItselfIsToldWhileItIsAway() throws Exception {
        var told = new CompletableFuture<Integer>();
        receiver.then = () -> {
            try {
                told.complete(server.connections().size());
            } catch (RuntimeException e) {
                told.completeExceptionally(e);
            }
        };
        try (WireClient client = WireClient.connect(bus.socket())) {
            Guest guest = new Guest();
            client.send(Frames.numbered("s", 0));
            assertThat(told.get(10, SECONDS)).isEqualTo(1);
            guest.end();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does the bus's work, and after each message what a dispatcher would. */
    private final class Guest extends Thread {
        private final AtomicBoolean isOver = new AtomicBoolean();
        private volatile boolean worked;

        Guest() throws InterruptedException {
            super("test guest");
            setDaemon(true);
            var begun = new CountDownLatch(1);
            receiver.began = begun;
            start();
            begun.await(); // asked from within, so it has the work
        }

        @Override
        public void run() {
            while (!isOver.get()) {
                boolean had = server.work(() -> {
                    receiver.began.countDown();
                    return isOver.get() || receiver.isWoken.getAndSet(false);
                });
                if (!had && receiver.began.getCount() == 0) {
                    return;
                }
                worked = true;
                receiver.handle();
            }
            server.leave();
        }

        /** Whether it had the work until now. */
        boolean end() throws InterruptedException {
            isOver.set(true);
            server.resume();
            join(10_000);
            assertThat(isAlive()).isFalse();
            return worked;
        }
    }

    private final class Signals extends RecordingReceiver {
        private final AtomicBoolean isWoken = new AtomicBoolean();
        private final CountDownLatch entered = new CountDownLatch(1);
        private volatile CountDownLatch began;
        private volatile boolean answers;
        private volatile Runnable then = () -> {};
        private volatile Thread lastThread;

        @Override
        public void receive(Message message, boolean isReserved) {
            super.receive(message, isReserved);
            lastThread = Thread.currentThread();
            if (!isReserved) {
                isWoken.set(true);
            }
        }

        /** What a handler does. */
        private void handle() {
            if (waiting() == 0) {
                return;
            }
            if (answers) {
                server.send(Message.of("own", "answer", Map.of()));
            }
            entered.countDown();
            then.run();
        }
    }
}
