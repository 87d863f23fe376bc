// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.core.DelayStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.EventSource;
import org.callosum.core.Explanation;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.core.Subscription;
import org.callosum.core.Trace;
import org.callosum.core.TractStatus;
import org.callosum.journal.RecordingLogger;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Receiver;
import org.callosum.transport.Transport;
import org.callosum.transport.TransportStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD;

@Timeout(value = 60, threadMode = SEPARATE_THREAD)
class EventBridgeTest {
    private final RecordingLogger log = new RecordingLogger();
    private final BlockingQueue<Message> dispatched = new LinkedBlockingQueue<>();
    private volatile Consumer<Message> handling = message -> {};
    private volatile Instant now = Instant.EPOCH;

    /** What the dispatcher was told to be emitted. */
    private final List<Message> told = new CopyOnWriteArrayList<>();

    /** What the calling thread handles. */
    private volatile Message handled;

    /** What the dispatcher takes from. */
    private final AtomicReference<EventSource> followed = new AtomicReference<>();

    /** What handlers are to be told of. */
    private final List<String> lost = new CopyOnWriteArrayList<>();

    private final EventBridge bridge =
            new EventBridge(new FakeDispatcher(), new MessageQueue(2_000, 1_000), () -> now, log.logger());
    private final FakeTransport bus = new FakeTransport();
    private volatile Predicate<String> concerned = tract -> true;
    private final CountDownLatch appsUp = new CountDownLatch(1);
    private final CountDownLatch ready = new CountDownLatch(1);

    @AfterEach
    void stop() {
        appsUp.countDown();
        bridge.stop();
    }

    @Test
    void whatComesOverTheBusIsDispatchedInOrder() throws Exception {
        start();
        bridge.attach(bus);
        for (int i = 0; i < 5; i++) {
            bus.receiver.receive(message(i), false);
        }
        for (int i = 0; i < 5; i++) {
            assertThat(next().longNumber("n")).hasValue((long) i);
        }
        assertThat(bridge.status().received()).isEqualTo(5);
    }

    @Test
    void whatComesOneAfterTheOtherIsDispatchedWhenThatIsAll() throws Exception {
        start();
        bridge.attach(bus);
        bus.receiver.receive(message(0), false);
        next();
        for (int i = 1; i < 5; i++) {
            bus.receiver.receiveAhead(message(i));
        }
        bus.receiver.received();
        for (int i = 1; i < 5; i++) {
            assertThat(next().longNumber("n")).hasValue((long) i);
        }
    }

    @Test
    void whatConcernsNobodyIsTakenByItsNamesAloneIfNothingIsBefore() throws Exception {
        concerned = tract -> tract.equals("a");
        bridge.start(waitingForApps());
        bridge.attach(bus);
        assertThat(bus.receiver.receiveUnheard("x", "y")).as("apps may come").isFalse();
        appsUp.countDown();
        bus.receiver.receive(message(0), false);
        next();
        awaitUnheard(); // what was taken is done when the next one is asked for

        assertThat(bridge.status().received()).isEqualTo(2);
        assertThat(bridge.status().dispatched()).isEqualTo(2);
        assertThat(bus.receiver.receiveUnheard("a", "b"))
                .as("concerns somebody")
                .isFalse();
        bus.receiver.receiveAhead(message(1));
        assertThat(bus.receiver.receiveUnheard("x", "y"))
                .as("another one waits")
                .isFalse();
        bus.receiver.received();
        assertThat(next().longNumber("n")).hasValue(1L);
        awaitUnheard();
        bridge.drain(Duration.ZERO);
        assertThat(bus.receiver.receiveUnheard("x", "y"))
                .as("nothing is taken any more")
                .isFalse();
        assertThat(bridge.status().received()).isEqualTo(4);
        assertThat(bridge.tracts().stream().mapToLong(TractStatus::received))
                .as("by tract")
                .containsExactly(2L, 2L);
    }

    /** Takes one such event, as soon as all before it is done. */
    private void awaitUnheard() {
        while (!bus.receiver.receiveUnheard("x", "y")) {
            Thread.onSpinWait();
        }
    }

    @Test
    void untilTheAppsAreUpTheQueueKeeps() throws Exception {
        bridge.start(waitingForApps());
        bridge.attach(bus);
        bus.receiver.receive(message(1), false);
        assertThat(bridge.status().dispatching()).isFalse();
        assertThat(bridge.status().queued()).isEqualTo(1);
        assertThat(dispatched).isEmpty();

        appsUp.countDown();

        assertThat(next().longNumber("n")).hasValue(1L);
        assertThat(bridge.status().dispatching()).isTrue();
    }

    @Test
    void itIsReadyWhenTheBusIsUp() throws Exception {
        bus.up = false;
        start();
        bridge.attach(bus);
        bus.receiver.receive(message(1), false);
        next();
        assertThat(ready.getCount()).isEqualTo(1);

        bus.up = true;

        assertThat(ready.await(10, SECONDS)).isTrue();
    }

    @Test
    void whatIsEmittedWhileAnEventIsHandledBelongsToIt() throws Exception {
        bridge.attach(bus);
        handled = Message.of("first", "cause", Map.of());
        bridge.emit(Message.of("second", "effect", Map.of()));

        Message sent = bus.sent.take();
        assertThat(sent.causes()).containsExactly("first/cause");
        assertThat(sent.toJson()).doesNotContain("cause\":");
        assertThat(told).as("who traces the first event").containsExactly(sent);
    }

    @Test
    void aChainThatIsTooLongIsCutAndItsEndNamed() throws Exception {
        bridge.attach(bus);
        bridge.limitChains(3);
        for (int i = 0; i < 3; i++) {
            bridge.emit(Message.of("a", i % 2 == 0 ? "ping" : "pong", Map.of()));
            handled = bus.sent.take();
        }
        bridge.emit(Message.of("a", "pong", Map.of()));
        handled = bus.sent.take();

        assertThatThrownBy(() -> bridge.emit(Message.of("a", "ping", Map.of())))
                .isInstanceOf(EmitRefusedException.class)
                .hasMessageContaining("a chain of 4 events")
                .hasMessageContaining("a/ping -> a/pong -> a/ping -> a/pong");
        assertThat(bus.sent).isEmpty();
        assertThat(told).as("what was emitted, without what was refused").hasSize(4);
        assertThat(bridge.status().refused()).isEqualTo(1);
        assertThat(log.await("warn").text())
                .contains("a/ping -> a/pong")
                .endsWith(" [tract=a event=ping chain_events=4]");
        handled = null;
        assertThat(bridge.emit(Message.of("a", "ping", Map.of()))).isEqualTo(Emission.SENT);
    }

    @Test
    void withZeroNoChainIsCut() throws Exception {
        bridge.attach(bus);
        bridge.limitChains(0);
        handled = Message.of("a", "ping", Map.of());
        for (int i = 0; i < 1_000; i++) {
            handled = Message.of("a", "ping", Map.of()).causedBy(handled);
        }

        assertThat(bridge.emit(Message.of("a", "ping", Map.of()))).isEqualTo(Emission.SENT);
        assertThat(bus.sent.take().causeDepth()).isEqualTo(1_001);
    }

    @Test
    void whatWasReservedGoesWithTheBus() throws Exception {
        start();
        bridge.attach(bus);
        assertThat(bus.receiver.reserve(1_500)).isTrue();
        bus.receiver.release(1_500);
        assertThat(bus.receiver.reserve(2_000)).isTrue();
        bridge.detach(bus);
        var other = new FakeTransport();
        bridge.attach(other);

        assertThat(other.receiver.reserve(2_000)).as("the whole allowance").isTrue();
        other.receiver.release(2_000);
        bridge.drain(Duration.ofSeconds(30));

        assertThat(log.texts("warn")).isEmpty();
    }

    @Test
    void theQueueOutlivesTheBus() throws Exception {
        bridge.start(waitingForApps());
        bridge.attach(bus);
        bus.receiver.receive(message(1), false);
        bridge.detach(bus);
        var other = new FakeTransport();
        bridge.attach(other);
        other.receiver.receive(message(2), false);
        appsUp.countDown();

        assertThat(next().longNumber("n")).hasValue(1L);
        assertThat(next().longNumber("n")).hasValue(2L);
        assertThat(bus.receiver).isNull();
    }

    @Test
    void whatMayHaveBeenSentWhileThereWasNoBusIsAGap() {
        start();
        bridge.attach(bus);
        assertThat(lost).isEmpty();
        bridge.detach(bus);
        now = now.plusSeconds(3);
        bridge.attach(new FakeTransport());

        assertThat(lost)
                .containsExactly(
                        "an unknown number of events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:03Z (BUS_AWAY)");
    }

    @Test
    void aClockThatIsSetBackMeanwhileMakesTheGapAMoment() {
        start();
        bridge.attach(bus);
        bridge.detach(bus);
        now = now.minusSeconds(3);
        bridge.attach(bus);

        assertThat(lost)
                .containsExactly(
                        "an unknown number of events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (BUS_AWAY)");
    }

    @Test
    void whatATransportMissedIsAGap() {
        start();
        bridge.attach(bus);
        bus.receiver.missed(now, now.plusMillis(5));

        assertThat(lost)
                .containsExactly(
                        "an unknown number of events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00.005Z (BUS_AWAY)");
    }

    @Test
    void aBusThatReplacesAnotherStaysWhenTheOtherIsDetached() {
        start();
        bridge.attach(bus);
        var other = new FakeTransport();
        bridge.attach(other);
        bridge.detach(bus);

        assertThat(bridge.emit(message(1))).isEqualTo(Emission.SENT);
        assertThat(other.sent).hasSize(1);
    }

    @Test
    void aFullQueueHasNoRoomAndSaysWhenItHasAgain() throws Exception {
        var gate = new Semaphore(0);
        handling = message -> gate.acquireUninterruptibly();
        start();
        bridge.attach(bus);
        bus.receiver.receive(message(0), false);
        next();
        bus.receiver.receive(message(1), false);
        bus.receiver.receive(message(2), false);
        assertThat(bus.receiver.hasRoom()).isFalse();
        assertThat(bus.resumed.availablePermits()).isZero();

        gate.release(10);

        assertThat(bus.resumed.tryAcquire(10, SECONDS)).isTrue();
        assertThat(bus.receiver.hasRoom()).isTrue();
    }

    /** The handler that the queue waits for emits while the queue is full: neither may wait for the other. */
    @Test
    void aHandlerThatEmitsWhileAllIsFullGoesPastTheBlockAndThenIsToldAtOnce() throws Exception {
        var results = new LinkedBlockingQueue<Object>();
        var full = new CountDownLatch(1);
        handling = message -> {
            if (message.longNumber("n").orElseThrow() != 0) {
                return;
            }
            try {
                full.await();
                results.add(bridge.emit(message(10)));
                results.add(bridge.emit(message(11)));
            } catch (EmitRefusedException | InterruptedException e) {
                results.add(e);
            }
        };
        start();
        bridge.attach(bus);
        bus.receiver.receive(message(0), false);
        next();
        bus.receiver.receive(message(1), false);
        bus.receiver.receive(message(2), false);
        assertThat(bus.receiver.hasRoom()).isFalse();
        full.countDown();

        assertThat(results.poll(10, SECONDS)).isEqualTo(Emission.SENT);
        assertThat(results.poll(10, SECONDS)).isInstanceOf(EmitRefusedException.class);
        assertThat(next().longNumber("n")).hasValue(1L);
        assertThat(next().longNumber("n")).hasValue(2L);
        assertThat(next().longNumber("n")).hasValue(10L);
        assertThat(bridge.status().refused()).isEqualTo(1);
        assertThat(bridge.status().emitted()).isEqualTo(1);
    }

    @Test
    void withoutABusEmittingIsRefused() {
        assertThatThrownBy(() -> bridge.emit("a", "b", Map.of()))
                .isInstanceOf(EmitRefusedException.class)
                .hasMessage("Message a/b is refused: there is no bus."
                        + " Start the bundle org.callosum.bus, or another transport");
    }

    @Test
    void aMessageWithoutTractOrEventIsNotEmitted() {
        bridge.attach(bus);

        assertThatThrownBy(() -> bridge.emit(Message.of(Map.of("event", "b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no field 'tract' that is a string");
        assertThatThrownBy(() -> bridge.emit(Message.parse("{\"tract\":\"a\",\"event\":5}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no field 'event' that is a string");
        assertThat(bus.sent).isEmpty();
    }

    @Test
    void whatIsGivenUpIsCountedAndSaidOncePerEpisode() throws Exception {
        bridge.attach(bus);
        bus.receiver.gaveUp(message(1));
        bus.receiver.gaveUp(message(2));
        bus.receiver.receive(message(3), false);
        bus.receiver.gaveUp(message(4));

        assertThat(bridge.status().givenUp()).isEqualTo(3);
        assertThat(log.texts("warn"))
                .hasSize(2)
                .allMatch(line -> line.startsWith("Events are given up, a/b first: "))
                .allMatch(line -> line.matches(".* \\[tract=a event=b waiting_events=\\d+ waiting_bytes=\\d+]"));
        assertThat(log.texts("info")).contains("Events are taken again; 2 were given up in all [given_up_events=2]");
    }

    @Test
    void drainTakesNothingMoreAndHandlesWhatItTook() throws Exception {
        var gate = new Semaphore(0);
        handling = message -> gate.acquireUninterruptibly();
        start();
        bridge.attach(bus);
        bus.receiver.receive(message(1), false);
        bus.receiver.receive(message(2), false);
        next();
        var drained = CompletableFuture.runAsync(() -> bridge.drain(Duration.ofSeconds(20)));
        while (bus.receiver.hasRoom()) {
            Thread.onSpinWait();
        }
        assertThat(drained).isNotDone();
        gate.release(2);

        drained.get(10, SECONDS);
        assertThat(next().longNumber("n")).hasValue(2L);
        bridge.stop();
        assertThat(log.texts("warn")).isEmpty();
    }

    @Test
    void whatIsLeftAtTheStopIsCountedAndSaid() {
        bridge.attach(bus);
        bus.receiver.receive(message(1), false);
        bridge.stop();

        assertThat(log.texts("warn"))
                .containsExactly("Stopped with 1 events not dispatched: they are given up [given_up_events=1]");
        assertThat(bridge.status().givenUp()).isEqualTo(1);
    }

    @Test
    void whatIsLeftAtTheStopIsKeptOnDiskAndComesFirstAfterTheNextStart() throws Exception {
        var disk = new FakeSpill();
        var stopped = bridge(disk, 2_000);
        stopped.attach(bus);
        stopped.start(waitingForApps());
        bus.receiver.receive(message(1), false);
        bus.receiver.receive(message(2), false);
        Receiver receiver = bus.receiver;
        var stop = CompletableFuture.runAsync(stopped::stop); // it waits for the thread, which waits for the apps
        while (receiver.reserve(1)) { // until the queue is closed: only then may the thread go on
            receiver.release(1);
        }
        appsUp.countDown();
        stop.get(20, SECONDS);

        assertThat(dispatched).isEmpty();
        assertThat(log.texts("warn")).isEmpty();
        assertThat(log.texts("info"))
                .contains(
                        "Stopped with 2 events not dispatched: they are kept on disk, and come first after the next start"
                                + " [kept_events=2]");
        assertThat(stopped.status().givenUp()).isZero();

        var next = bridge(disk, 2_000);
        next.attach(bus);
        bus.receiver.receive(message(3), false);
        next.start(waitingForApps());
        for (long n = 1; n <= 3; n++) {
            assertThat(next().longNumber("n")).hasValue(n);
        }
        next.stop();
    }

    /** The apps go when the drain is over: whoever is dispatched to then is not there any more. */
    @Test
    void whenTheDrainTakesTooLongNothingMoreIsDispatchedAndAllIsKept() throws Exception {
        var disk = new FakeSpill();
        var gate = new Semaphore(0);
        handling = message -> gate.acquireUninterruptibly();
        var slow = bridge(disk, 2_000);
        slow.attach(bus);
        appsUp.countDown();
        slow.start(waitingForApps());
        bus.receiver.receive(message(1), false);
        next();
        bus.receiver.receive(message(2), false);

        slow.drain(Duration.ZERO);
        gate.release(5);
        slow.stop();

        assertThat(dispatched).isEmpty();
        assertThat(disk.left())
                .singleElement()
                .satisfies(event -> assertThat(event.message().longNumber("n")).hasValue(2L));
        assertThat(log.texts("warn"))
                .containsExactly("1 events are still not dispatched after 0 s: they are kept on disk"
                        + " [elapsed_ms=0 kept_events=1]");
    }

    @Test
    void whatCannotBeReadFromDiskIsAGapAndToldWhenTheAppsAreUp() throws Exception {
        var disk = new FakeSpill();
        disk.unreadable = true;
        var other = bridge(disk, 2_000);
        other.attach(bus);
        other.start(waitingForApps());
        bus.receiver.receive(message(1), false);
        while (other.status().oldestQueued().isZero()) {
            Thread.onSpinWait();
        }
        assertThat(lost).isEmpty();
        appsUp.countDown();
        next();

        assertThat(lost)
                .containsExactly(
                        "an unknown number of events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z (SPILL_UNREADABLE)");
        other.stop();
    }

    @Test
    void whatWaitsInMemoryIsKnownToTheDispatcher() throws Exception {
        var gate = new CountDownLatch(1);
        handling = message -> awaitOn(gate);
        start();
        bridge.attach(bus);
        appsUp.countDown();
        for (int n = 0; n < 3; n++) {
            bus.receiver.receive(message(n), false);
        }
        next();
        EventSource source = followed.get();

        assertThat(source.waiting()).isEqualTo(2);
        assertThat(System.nanoTime() - source.waitingSinceNanos()).isNotNegative();
        assertThat(source.waitingSinceNanos()).isNotEqualTo(EventSource.UNKNOWN);
        gate.countDown();
        next();
        next();

        assertThat(source.waiting()).isZero();
        assertThat(source.waitingSinceNanos()).isEqualTo(EventSource.UNKNOWN);
    }

    @Test
    void whatWaitsOnDiskIsNotHeldUpByTheDispatcher() throws Exception {
        var gate = new CountDownLatch(1);
        handling = message -> awaitOn(gate);
        var other = bridge(new FakeSpill(), 2_000);
        other.attach(bus);
        other.start(waitingForApps());
        appsUp.countDown();
        for (int n = 0; n < 10; n++) {
            while (!bus.receiver.hasRoom()) {
                bus.resumed.acquire();
            }
            bus.receiver.receive(message(n), false);
        }
        next();
        while (other.status().spilled() == 0) {
            Thread.onSpinWait();
        }

        assertThat(followed.get().waiting()).isEqualTo(9);
        assertThat(followed.get().waitingSinceNanos()).isEqualTo(EventSource.UNKNOWN);
        gate.countDown();
        for (int n = 1; n < 10; n++) {
            next();
        }
        other.stop();
    }

    private static void awaitOn(CountDownLatch gate) {
        try {
            assertThat(gate.await(10, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void howMuchIsOnDiskIsShown() throws Exception {
        var disk = new FakeSpill();
        var other = bridge(disk, 2_000);
        other.attach(bus);
        other.start(waitingForApps());
        for (int n = 0; n < 10; n++) {
            while (!bus.receiver.hasRoom()) {
                bus.resumed.acquire();
            }
            bus.receiver.receive(message(n), false);
        }
        while (other.status().spilled() < 7) {
            Thread.onSpinWait();
        }
        assertThat(other.status().queued()).isEqualTo(10);
        assertThat(other.status().spilledBytes()).isGreaterThanOrEqualTo(7 * 800);
        assertThat(other.status().queuedBytes()).isLessThanOrEqualTo(2_000);
        appsUp.countDown();
        for (long n = 0; n < 10; n++) {
            assertThat(next().longNumber("n")).hasValue(n);
        }
        other.stop();
    }

    /**
     * Every event makes its handler emit another, while a sender sends as fast as it is let: memory, disk and allowance are full
     * all the time, and nobody waits for somebody who waits for him.
     */
    @Test
    void handlersThatEmitWhileAllIsFullNeverStandStill() throws Exception {
        var disk = new FakeSpill();
        var emitted = new AtomicLong();
        var refusals = new AtomicLong();
        var both = bridge(disk, 4_000, 4_000);
        handling = message -> {
            if (message.longNumber("n").orElseThrow() >= 0) {
                try {
                    both.emit(message(-1));
                    emitted.incrementAndGet();
                } catch (EmitRefusedException e) {
                    refusals.incrementAndGet();
                }
            }
        };
        both.attach(bus);
        appsUp.countDown();
        both.start(waitingForApps());
        int sent = 3_000;
        for (int n = 0; n < sent; n++) {
            while (!bus.receiver.hasRoom()) {
                bus.resumed.acquire();
            }
            bus.receiver.receive(message(n), false);
        }
        long expected = 0;
        long own = 0;
        while (expected < sent) {
            long n = next().longNumber("n").orElseThrow();
            if (n >= 0) {
                assertThat(n).isEqualTo(expected++);
            } else {
                own++;
            }
        }
        both.drain(Duration.ofSeconds(20));
        both.stop();

        assertThat(own + dispatched.size()).as("own messages dispatched").isEqualTo(emitted.get());
        assertThat(emitted.get() + refusals.get()).isEqualTo(sent);
        assertThat(refusals.get()).isEqualTo(both.status().refused());
    }

    private EventBridge bridge(FakeSpill disk, long capacityBytes) {
        return bridge(disk, capacityBytes, 1L << 30);
    }

    private EventBridge bridge(FakeSpill disk, long capacityBytes, long spillBytes) {
        var spiller = new Spiller(disk, spillBytes, Duration.ofMillis(1), () -> now, log.logger());
        return new EventBridge(
                new FakeDispatcher(), new MessageQueue(capacityBytes, 1_000, spiller), () -> now, log.logger());
    }

    private void start() {
        appsUp.countDown();
        bridge.start(waitingForApps());
    }

    private EventBridge.Start waitingForApps() {
        return new EventBridge.Start() {
            @Override
            public void await() throws InterruptedException {
                appsUp.await();
            }

            @Override
            public void ready(Transport transport) {
                ready.countDown();
            }
        };
    }

    @Test
    void theConnectionsAreThoseOfTheBusThatIsThere() {
        assertThat(bridge.connections()).isEmpty();
        assertThat(bridge.closedConnections()).isEmpty();
        assertThat(bridge.disconnect(1)).isFalse();

        bridge.attach(bus);

        assertThat(bridge.connections()).extracting(ConnectionStatus::id).containsExactly(1L);
        assertThat(bridge.closedConnections()).extracting(ConnectionStatus::id).containsExactly(0L);
        assertThat(bridge.disconnect(1)).isTrue();
        assertThat(bridge.disconnect(2)).isFalse();
    }

    private static ConnectionStatus connection(long id, ConnectionStatus.State state) {
        return new ConnectionStatus(
                id,
                "ada",
                "users",
                Optional.empty(),
                state,
                Instant.EPOCH,
                Optional.empty(),
                "",
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Optional.empty(),
                List.of(),
                "");
    }

    private Message next() throws InterruptedException {
        Message message = dispatched.poll(10, SECONDS);
        assertThat(message).as("dispatched within 10 s").isNotNull();
        return message;
    }

    /** 1,000 bytes in the queue: a capacity of 2,000 takes two. */
    private static Message message(int n) {
        String start = "{\"tract\":\"a\",\"event\":\"b\",\"n\":" + n + ",\"pad\":\"";
        return Message.parse(start + "x".repeat(800 - start.length() - 2) + "\"}");
    }

    /** An embedded bus that hands an own message back at once. */
    private final class FakeTransport implements Transport {
        final BlockingQueue<Message> sent = new LinkedBlockingQueue<>();
        final Semaphore resumed = new Semaphore(0);
        volatile Receiver receiver;
        volatile boolean up = true;

        @Override
        public void attach(Receiver attached) {
            receiver = attached;
        }

        @Override
        public void detach(Receiver detached) {
            receiver = null;
        }

        @Override
        public void resume() {
            resumed.release();
        }

        @Override
        public Emission send(Message message) {
            long bytes = message.toUtf8().remaining();
            if (!receiver.reserve(bytes)) {
                throw new EmitRefusedException("full");
            }
            sent.add(message);
            receiver.receive(message, true);
            return Emission.SENT;
        }

        @Override
        public TransportStatus status() {
            return new TransportStatus("server", "/test", up, Map.of());
        }

        @Override
        public List<ConnectionStatus> connections() {
            return List.of(connection(1, ConnectionStatus.State.OPEN));
        }

        @Override
        public List<ConnectionStatus> closedConnections() {
            return List.of(connection(0, ConnectionStatus.State.CLOSED));
        }

        @Override
        public boolean disconnect(long id) {
            return id == 1;
        }
    }

    private final class FakeDispatcher implements Dispatcher {
        private final Semaphore woken = new Semaphore(0);
        private volatile EventSource followed;
        private Thread following;

        @Override
        public Duration underWay() {
            return Duration.ZERO;
        }

        @Override
        public void follow(EventSource source) {
            followed = source;
            EventBridgeTest.this.followed.set(source);
            following = new Thread(() -> {
                while (followed == source) {
                    Message next = source.poll();
                    if (next == null) {
                        woken.acquireUninterruptibly();
                    } else {
                        dispatch(next);
                    }
                }
            });
            following.start();
        }

        @Override
        public void unfollow(EventSource source) {
            followed = null;
            if (following != null && following != Thread.currentThread()) {
                woken.release();
                try {
                    following.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public Optional<Message> handling() {
            return Optional.ofNullable(handled);
        }

        @Override
        public boolean concerns(String tract, String event) {
            return concerned.test(tract);
        }

        @Override
        public void wake() {
            woken.release();
        }

        @Override
        public int dispatch(Message message) {
            dispatched.add(message);
            handling.accept(message);
            return 0;
        }

        @Override
        public int handlerCount() {
            return 0;
        }

        @Override
        public void start() {}

        @Override
        public void stop() {}

        @Override
        public boolean isRunning() {
            return true;
        }

        @Override
        public List<HandlerStatus> handlers() {
            return List.of();
        }

        @Override
        public List<InvocationStatus> slow() {
            return List.of();
        }

        @Override
        public List<DelayStatus> delays() {
            return List.of();
        }

        @Override
        public void release(long serviceId) {}

        @Override
        public void quarantine(long serviceId) {}

        @Override
        public Explanation explain(Message message) {
            return new Explanation(List.of());
        }

        @Override
        public Trace trace(Subscription names, int events, boolean withMessages) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void emitted(Message message) {
            told.add(message);
        }

        @Override
        public List<ParkedStatus> parked() {
            return List.of();
        }

        @Override
        public void lost(Message message, Gap.Reason reason) {
            lost.add(message.event() + " " + reason);
        }

        @Override
        public void lost(Gap gap) {
            lost.add(gap.toString());
        }

        @Override
        public List<ParkedStatus> parkedBefore() {
            return List.of();
        }
    }
}
