// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

import org.callosum.api.Callosum;
import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Gap;
import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.EventSource;
import org.callosum.core.RuntimeListener;
import org.callosum.core.TractStatus;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Receiver;
import org.callosum.transport.Transport;
import org.osgi.service.log.Logger;

/**
 * Hands what comes over the bus to the dispatcher, one after the other, and what apps emit to the bus.
 *
 * <p>The bus is read while handlers run: a queue is between the two. It outlives the transport, so that a bus that goes
 * and comes back loses nothing that was received.
 *
 * <p><b>Threads.</b> The transport's thread receives; a thread of the dispatcher's takes; any thread emits,
 * attaches and detaches. Nothing waits but a thread of its own until the apps and the bus are up, and {@link #drain} and
 * {@link #stop}, which wait for the dispatching.
 */
public final class EventBridge implements Bridge, Callosum {
    /** What has to happen around the dispatching: told on the dispatching thread. */
    public interface Start {
        /** Waits until the apps are up, or long enough. */
        void await() throws InterruptedException;

        /** Events are dispatched, and the bus is up. Called once. */
        void ready(Transport transport);
    }

    /** How often a bus that is not up yet is looked at, until it was up once. */
    private static final Duration READY_POLL = Duration.ofMillis(50);

    /** How long a chain of events may be unless it is configured: {@code dispatch.md}, row 'loops'. */
    public static final int MAX_CHAIN = 32;

    private static final int MAX_NAMED_CAUSES = 6;

    private final Dispatcher dispatcher;
    private final MessageQueue queue;
    private final InstantSource clock;
    private final Logger logger;
    /** A new one for each bus that is attached: what is reserved goes with it. Guarded by {@code this}. */
    private QueueReceiver receiver;

    private final Tracts tracts = new Tracts();
    private final LongAdder received = new LongAdder();
    private final LongAdder dispatched = new LongAdder();
    private final LongAdder givenUp = new LongAdder();
    private final LongAdder emitted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** Written under {@code this}, so that attaching and detaching cannot cross. */
    private volatile Transport transport;

    /** Since when there is no bus; {@code null} before the first one, and while there is one. Guarded by {@code this}. */
    private Instant detached;

    private final QueueSource source = new QueueSource();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile int maxChain = MAX_CHAIN;

    /** {@code null} if nobody wants to know. */
    private volatile RuntimeListener listener;

    private volatile boolean dispatching;
    private volatile boolean draining;
    private Thread thread;
    private boolean ended;

    /** What is to be told when handlers are there to be told. Guarded by the lock; {@code null} once they are. */
    private List<Gap> early = new ArrayList<>();

    private final Object gapLock = new Object();

    /** Whether events are being given up now, so that it is said once. Used by the transport's thread only. */
    private boolean givingUp;

    /** A bridge to this dispatcher, without a bus, not started. */
    public EventBridge(Dispatcher dispatcher, MessageQueue queue, InstantSource clock, Logger logger) {
        this.dispatcher = dispatcher;
        this.queue = queue;
        this.clock = clock;
        this.logger = logger;
    }

    /** Begins to dispatch, when that is time, for which a thread of its own waits: what an earlier process left on disk first. */
    public void start(Start start) {
        queue.onArrival(dispatcher::wake);
        queue.start(this::resume, this::unreadable);
        thread = new Thread(() -> run(start), "callosum-bridge");
        thread.setDaemon(true);
        thread.start();
    }

    /** Uses a bus, instead of the one before. */
    public synchronized void attach(Transport bus) {
        if (transport != null) {
            transport.detach(receiver);
            receiver.places.forfeit();
        }
        receiver = new QueueReceiver();
        bus.attach(receiver);
        transport = bus;
        if (detached != null) {
            Instant now = clock.instant();
            receiver.missed(detached, now.isBefore(detached) ? detached : now);
            detached = null;
        }
        logger.info(
                "Attached to the bus at {}, as its {}{}",
                bus.status().address(),
                bus.status().mode(),
                KeyValues.of("address", bus.status().address())
                        .and("mode", bus.status().mode()));
    }

    /** Does not use a bus any more; does nothing if it is another one. */
    public synchronized void detach(Transport bus) {
        if (transport == bus) {
            transport = null;
            bus.detach(receiver);
            source.forget(bus);
            receiver.places.forfeit();
            detached = clock.instant();
            logger.info("Detached from the bus");
        }
    }

    /** Sets the queue's limits: in memory, beyond it for own messages, on disk. */
    public void resize(long capacityBytes, long allowanceBytes, long spillBytes) {
        queue.resizeSpill(spillBytes);
        if (queue.resize(capacityBytes, allowanceBytes)) {
            resume();
        }
    }

    /**
     * Takes nothing from the bus any more, and waits until all that was taken is dispatched. Does nothing the second time.
     * If that takes too long, and the disk keeps what is left, nothing more is dispatched: the apps may go from now on.
     */
    public void drain(Duration patience) {
        if (draining) {
            return;
        }
        draining = true;
        try {
            if (!queue.drain(patience)) {
                boolean isKept = queue.keeps();
                long waiting = queue.size();
                logger.warn(
                        "{} events are still not dispatched after {} s: they are {}{}",
                        waiting,
                        patience.toSeconds(),
                        isKept ? "kept on disk" : "given up",
                        KeyValues.of("elapsed_ms", patience.toMillis())
                                .and(isKept ? "kept_events" : "given_up_events", waiting));
                if (isKept) {
                    queue.close();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends the dispatching; the event under way ends first. What is still queued is written to the disk, if it may be, and comes
     * first after the next start; else it is given up, with a warning.
     */
    public void stop() {
        Transport bus = transport;
        if (bus != null) {
            detach(bus);
        }
        queue.close();
        closed.countDown();
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        dispatcher.unfollow(source);
        dispatching = false;
        queue.tryPoll(); // nobody else does any more: what was under way is done
        end();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        long left = queue.size();
        long lost = queue.end();
        if (left > lost) {
            logger.info(
                    "Stopped with {} events not dispatched: they are kept on disk, and come first after the next start{}",
                    left - lost,
                    KeyValues.of("kept_events", left - lost));
        }
        if (lost > 0) {
            givenUp.add(lost);
            logger.warn(
                    "Stopped with {} events not dispatched: they are given up{}",
                    lost,
                    KeyValues.of("given_up_events", lost));
        }
    }

    @Override
    public Emission emit(Message message) {
        for (String required : new String[] {Message.TRACT, Message.EVENT}) {
            if (message.string(required).isEmpty()) {
                throw new IllegalArgumentException("Message " + message + " has no field '" + required
                        + "' that is a string: every message on the bus has one");
            }
        }
        Message chained = dispatcher.handling().map(message::causedBy).orElse(message);
        if (maxChain > 0 && chained.causeDepth() > maxChain) {
            refused.increment();
            throw cut(chained);
        }
        Transport bus = transport;
        try {
            if (bus == null) {
                throw new EmitRefusedException("Message " + message
                        + " is refused: there is no bus. Start the bundle org.callosum.bus, or another transport");
            }
            Emission emission = bus.send(chained);
            emitted.increment();
            dispatcher.emitted(chained);
            return emission;
        } catch (EmitRefusedException e) {
            refused.increment();
            throw e;
        }
    }

    private EmitRefusedException cut(Message chained) {
        List<String> causes = chained.causes();
        String last = String.join(" -> ", causes.subList(Math.max(0, causes.size() - MAX_NAMED_CAUSES), causes.size()));
        String text = "Message " + chained + " is refused: it is the end of a chain of " + chained.causeDepth()
                + " events, each emitted while the one before was handled (... " + last
                + "). A handler that emits what it listens to goes on for ever: let it emit something else, or raise"
                + " maxChain";
        logger.warn("{}{}", text, chained.keyValues().and("chain_events", chained.causeDepth()));
        return new EmitRefusedException(text);
    }

    /** Sets how long a chain of events may be, each emitted while the one before was handled; 0 for any. */
    public void limitChains(int most) {
        maxChain = most;
    }

    /** Has this one told of connections that are thrown off the bus. */
    public void report(RuntimeListener one) {
        listener = one;
    }

    @Override
    public BridgeStatus status() {
        Transport bus = transport;
        return new BridgeStatus(
                dispatching,
                Optional.ofNullable(bus).map(Transport::status),
                queue.size(),
                queue.bytes(),
                queue.oldest(),
                queue.spilled(),
                queue.spilledBytes(),
                queue.oldestSpilled(),
                received.sum(),
                dispatched.sum(),
                givenUp.sum(),
                emitted.sum(),
                refused.sum());
    }

    @Override
    public List<TractStatus> tracts() {
        return tracts.list();
    }

    @Override
    public List<ConnectionStatus> connections() {
        Transport bus = transport;
        return bus == null ? List.of() : bus.connections();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        Transport bus = transport;
        return bus == null ? List.of() : bus.closedConnections();
    }

    @Override
    public boolean disconnect(long id) {
        Transport bus = transport;
        return bus != null && bus.disconnect(id);
    }

    /** Lets the dispatcher begin, and says when the bus is up for the first time. */
    private void run(Start start) {
        try {
            start.await();
            tellEarly();
            dispatching = true;
            dispatcher.follow(source);
            while (!announce(start) && !closed.await(READY_POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                continue;
            }
        } catch (InterruptedException e) {
            // Interrupted is told to stop, and nothing is left to do but that.
            logger.debug("The bridge was interrupted", e);
        }
    }

    /** Events were on disk, and cannot be read. At the start, when that is found, no app is up yet. */
    private void unreadable(Instant from, Instant to) {
        Gap gap = new Gap(Gap.Reason.SPILL_UNREADABLE, OptionalLong.empty(), from, to);
        synchronized (gapLock) {
            if (early != null) {
                early.add(gap);
                return;
            }
        }
        dispatcher.lost(gap);
    }

    private void tellEarly() {
        List<Gap> gaps;
        synchronized (gapLock) {
            gaps = early;
            early = null;
        }
        gaps.forEach(dispatcher::lost);
    }

    private boolean announce(Start start) {
        Transport bus = transport;
        if (bus == null || !bus.status().up()) {
            return false;
        }
        start.ready(bus);
        return true;
    }

    private void resume() {
        Transport bus = transport;
        if (bus != null) {
            bus.resume();
        }
    }

    /** What the dispatcher takes from the queue. */
    private final class QueueSource implements EventSource {
        /** Whether one was taken that has not been counted yet. */
        private boolean underWay;

        /** The bus whose work was done last by who listened; {@code null} if it is gone. */
        private volatile Transport worked;

        private volatile boolean listening;

        @Override
        public Message poll() {
            if (underWay) {
                dispatched.increment();
            }
            Message next = queue.tryPoll();
            underWay = next != null;
            if (queue.isRoomAgain()) {
                resume();
            }
            return next;
        }

        @Override
        public long sinceNanos() {
            return queue.takenSinceNanos();
        }

        @Override
        public boolean listen(BooleanSupplier until) {
            listening = true; // before the look at the bus: whoever takes that away looks here afterwards
            Transport bus = transport;
            try {
                if (bus == null) {
                    return false;
                }
                worked = bus;
                return bus.work(() -> until.getAsBoolean() || transport != bus);
            } finally {
                listening = false;
                if (bus != null && transport != bus) {
                    bus.leave();
                    worked = null;
                }
            }
        }

        /** The bus is gone, and whoever does its work comes back. */
        void forget(Transport bus) {
            bus.leave();
            if (!listening) {
                worked = null;
            }
        }

        @Override
        public void recall() {
            Transport bus = worked;
            if (bus != null) {
                bus.resume();
            }
        }

        @Override
        public void leave() {
            Transport bus = worked;
            if (bus != null) {
                bus.leave();
            }
        }

        /** What is on disk is there because there was too much of it, which was said then; it has to wait. */
        @Override
        public long waitingSinceNanos() {
            Duration oldest = queue.spilled() > 0 ? Duration.ZERO : queue.oldest();
            return oldest.isZero() ? UNKNOWN : System.nanoTime() - oldest.toNanos();
        }

        @Override
        public long waiting() {
            return queue.size();
        }
    }

    private final class QueueReceiver implements Receiver {
        private final MessageQueue.Places places = queue.places();

        @Override
        public boolean hasRoom() {
            return queue.hasRoom();
        }

        @Override
        public boolean reserve(long bytes) {
            return places.reserve(bytes);
        }

        @Override
        public void release(long bytes) {
            if (places.release(bytes)) {
                resume();
            }
        }

        @Override
        public void receive(Message message, boolean reserved) {
            receiveAhead(message, reserved);
            queue.arrived();
        }

        @Override
        public void receiveAhead(Message message) {
            receiveAhead(message, false);
        }

        private void receiveAhead(Message message, boolean reserved) {
            received.increment();
            tracts.count(message.tract());
            if (reserved) {
                places.addAhead(message);
            } else {
                queue.addAhead(message);
            }
            if (givingUp) {
                givingUp = false;
                logger.info(
                        "Events are taken again; {} were given up in all{}",
                        givenUp.sum(),
                        KeyValues.of("given_up_events", givenUp.sum()));
            }
        }

        @Override
        public boolean receiveUnheard(String tract, String event) {
            // The dispatcher has done with all before, and would find the same now: to ask it is to dispatch.
            if (!dispatching || !queue.isAtRest() || dispatcher.concerns(tract, event)) {
                return false;
            }
            received.increment();
            tracts.count(tract);
            dispatched.increment();
            return true;
        }

        @Override
        public void received() {
            queue.arrived();
        }

        @Override
        public void gaveUp(Message message) {
            if (draining) {
                return; // what comes after the stop began was never taken
            }
            givenUp.increment();
            dispatcher.lost(message, Gap.Reason.QUEUE_FULL);
            if (!givingUp) {
                givingUp = true;
                logger.warn(
                        "Events are given up, {} first: {} wait for handlers, and nobody can be made to wait on this bus."
                                + " Look which handlers are slow, or raise queueBytes{}",
                        message,
                        queue.size(),
                        message.keyValues().and("waiting_events", queue.size()).and("waiting_bytes", queue.bytes()));
            }
        }

        @Override
        public void thrownOff(ConnectionStatus client) {
            RuntimeListener told = listener;
            if (told != null) {
                told.thrownOff(client);
            }
        }

        @Override
        public void missed(Instant from, Instant to) {
            dispatcher.lost(new Gap(Gap.Reason.BUS_AWAY, OptionalLong.empty(), from, to));
        }
    }
}
