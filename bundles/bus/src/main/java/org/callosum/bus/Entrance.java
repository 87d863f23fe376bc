// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Where clients come in: accepts them, has the {@link Doorkeeper} look at them, and lets those in who may. When the system gives no
 * more sockets it closes for a second, so that the loop does not spin on somebody who waits and cannot be let in.
 *
 * <p>Who somebody is, the system looks up in its directory of users, which takes its time, and may be on another machine that does
 * not answer. So the doorkeeper has a thread of its own, and those who are in do not wait for it. It starts with somebody who
 * comes, and ends when nobody has come for a while. Who is let in gets what came since it was accepted, as if that had been at
 * once, unless that was too much meanwhile.
 *
 * <p><b>Threads.</b> The server's loop, but for {@link #isClosed()}, {@link #isFull()}, {@link #arrivals()} and {@link #join}.
 */
final class Entrance {
    /** How many are accepted, or let in, before those who are in have their turn: a few milliseconds' worth. */
    static final int TURN_CLIENTS = 32;

    /** How many may stand before the doorkeeper. Others wait in the system's queue, where they cost no socket. */
    static final int MAX_BEFORE_DOORKEEPER = 128;

    /** How much of the log is kept for those who stand before the doorkeeper. */
    static final int KEPT_BYTES = 1 << 20;

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** From when on it is said that the directory of users took long. */
    private static final Duration LONG = Duration.ofSeconds(1);

    /** Gives who waits to be let in; {@code null} if nobody does. */
    @FunctionalInterface
    interface Acceptor {
        SocketChannel accept() throws IOException;
    }

    /** Takes somebody who was let in, with the place from where on that one gets what comes; neither if it throws. */
    @FunctionalInterface
    interface Host {
        void enter(SocketChannel channel, Peer peer, FrameLog.Cursor place) throws IOException;
    }

    /** Somebody who was accepted. */
    private static final class Guest {
        final SocketChannel channel;

        /**
         * Whether the doorkeeper looks at it, or has, or it was sent away before that: who sets this does the one or the other. While
         * the doorkeeper looks, the JDK holds a lock of the channel that closing it would wait for.
         */
        final AtomicBoolean isTaken = new AtomicBoolean();

        /** Of the loop. {@code null} if that one gets what comes from when it is let in. */
        FrameLog.Cursor place;

        /** The doorkeeper's verdict: without a peer that one may not come in. Safely published by the queue of those who have one. */
        Optional<Peer> peer = Optional.empty();

        Guest(SocketChannel channel, FrameLog.Cursor place) {
            this.channel = channel;
            this.place = place;
        }
    }

    private final Doorkeeper doorkeeper;
    private final Supplier<ServerSettings> settings;
    private final ServerCounters counters;
    private final Logger logger;
    private final OnDemandThread thread = new OnDemandThread("callosum-bus-entrance", new LinkedBlockingQueue<>());
    private final LongSupplier ticker;

    /** Those who were accepted and are not let in, in that order, which is that of the verdicts, too. Of the loop. */
    private final Deque<Guest> guests = new ArrayDeque<>();

    /** Those of them who have a verdict. */
    private final BlockingQueue<Guest> judged = new LinkedBlockingQueue<>();

    private final LogPause slowness = new LogPause();
    private Acceptor acceptor;

    /** Gives the place where the log ends now. */
    private Supplier<FrameLog.Cursor> places;

    /** Has the loop take a turn, for there is a verdict. */
    private Runnable wakeUp = () -> {};

    /** How many were accepted and are not let in. Written by the loop alone. */
    private volatile int entering;

    /** How many were accepted since the start. Likewise. */
    private volatile long arrivals;

    /** Likewise. */
    private volatile boolean isClosed;

    /** Whether the last look at who waits ended before it came to the last of them. Likewise. */
    private volatile boolean isSomebodyLeft;

    private long closedNanos;

    /** Whether it is over. Written by the loop, read by the doorkeeper's thread. */
    private volatile boolean hasEnded;

    /**
     * Makes one that leads nowhere yet, see {@link #leadTo}, and is nowhere, see {@link #moveTo}. To be {@linkplain #end ended}.
     *
     * @param ticker gives nanoseconds since some time
     */
    Entrance(
            Doorkeeper doorkeeper,
            Supplier<ServerSettings> settings,
            ServerCounters counters,
            LongSupplier ticker,
            Logger logger) {
        this.doorkeeper = doorkeeper;
        this.settings = settings;
        this.counters = counters;
        this.ticker = ticker;
        this.logger = logger;
    }

    /**
     * Says where it leads to, before anybody comes.
     *
     * @param places gives the place where the log ends now; called by the loop
     * @param wakeUp has the loop take a turn; called by any thread
     */
    void leadTo(Supplier<FrameLog.Cursor> places, Runnable wakeUp) {
        this.places = places;
        this.wakeUp = wakeUp;
    }

    /** Accepts people at another place from now on. */
    void moveTo(Acceptor other) {
        acceptor = other;
    }

    /**
     * Accepts those who wait, up to what is fair in one turn, and has the doorkeeper look at them.
     *
     * @return whether some may be left who could be accepted at once
     */
    boolean accept(long nowNanos) {
        try {
            int count = 0;
            boolean isLeft = true;
            while (count < TURN_CLIENTS && !isFull()) {
                SocketChannel channel = acceptor.accept();
                if (channel == null) {
                    isLeft = false;
                    break;
                }
                count++;
                arrivals++;
                present(channel);
            }
            isSomebodyLeft = isLeft;
            if (isClosed) {
                isClosed = false;
                counters.isAcceptPaused = false;
                logger.info("The bus takes new clients again");
            }
            return count == TURN_CLIENTS && !isFull();
        } catch (IOException e) {
            isSomebodyLeft = true;
            if (!isClosed) {
                counters.acceptPauses.increment();
                counters.isAcceptPaused = true;
                logger.warn(
                        "The bus cannot take new clients ({}): it tries again every second, and those connected go on;"
                                + " if there are too many open files, raise the limit (ulimit -n){}",
                        e.getMessage(),
                        KeyValues.of("reason", e.getMessage()));
            }
            isClosed = true;
            closedNanos = nowNanos;
            return false;
        }
    }

    /**
     * Lets those in of whom the doorkeeper says that they may, up to what is fair in one turn.
     *
     * @return whether somebody may be left who could be accepted or let in at once
     */
    boolean letIn(Host host) {
        if (entering == 0) {
            return false;
        }
        boolean wasFull = isFull();
        for (int i = 0; i < TURN_CLIENTS; i++) {
            Guest guest = judged.poll();
            if (guest == null) {
                keepNoMoreThanIsBounded();
                return wasFull && !isFull();
            }
            enter(guest, host);
        }
        return true;
    }

    /**
     * Sees to it that not too much of the log is kept for those who stand before the doorkeeper, lest a directory of users that does
     * not answer fill the memory. To be called whenever much may have come.
     */
    void keepNoMoreThanIsBounded() {
        if (guests.isEmpty()) {
            return;
        }
        long most = settings.get().firstBacklogBytes(KEPT_BYTES);
        for (Guest guest : guests) {
            if (guest.place != null && guest.place.pending() <= most) {
                return; // who came later has less before it
            }
            leavePlace(guest);
        }
    }

    private static void leavePlace(Guest guest) {
        if (guest.place != null) {
            guest.place.close();
            guest.place = null;
        }
    }

    /**
     * Accepts all who wait. If there are more than may stand before the doorkeeper, some are let in first, as far as it comes to a
     * verdict in time.
     *
     * @param patience how long to wait for that
     */
    void acceptAll(Host host, Duration patience) {
        letIn(host, patience, () -> !isFull());
    }

    /**
     * Accepts and lets in all who wait, as far as the doorkeeper comes to a verdict in time.
     *
     * @param patience how long to wait for all
     */
    void letAllIn(Host host, Duration patience) {
        letIn(host, patience, () -> entering == 0);
    }

    private void letIn(Host host, Duration patience, BooleanSupplier isDone) {
        long began = System.nanoTime();
        try {
            while (true) {
                while (accept(System.nanoTime())) {}
                long left = patience.toNanos() - (System.nanoTime() - began);
                Guest guest = isDone.getAsBoolean() ? null : judged.poll(left, TimeUnit.NANOSECONDS);
                if (guest == null) {
                    return;
                }
                enter(guest, host);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether nobody is accepted for the moment, as the system gives no more sockets. */
    boolean isClosed() {
        return isClosed;
    }

    /** Whether nobody is accepted before somebody who stands before the doorkeeper is in. */
    boolean isFull() {
        return entering >= MAX_BEFORE_DOORKEEPER;
    }

    /** How many were accepted since the start; -1 while somebody may wait who came before now and was not. */
    long arrivals() {
        return isSomebodyLeft ? -1 : arrivals;
    }

    /** Whether it was closed for long enough. */
    boolean isToBeTriedAgain(long nowNanos) {
        return isClosed && nowNanos - closedNanos >= PAUSE_NANOS;
    }

    /** How long it stays closed; {@link Long#MAX_VALUE} if it is open. */
    long nanosToNextTry(long nowNanos) {
        return isClosed ? Math.max(0, PAUSE_NANOS - (nowNanos - closedNanos)) : Long.MAX_VALUE;
    }

    /**
     * Lets nobody in any more: those who stand before the doorkeeper are sent away. Who is just looked at, when that is over.
     *
     * @return how many that are
     */
    int end() {
        hasEnded = true;
        thread.end();
        int count = guests.size();
        for (Guest guest : guests) {
            leavePlace(guest);
            if (guest.isTaken.compareAndSet(false, true)) {
                close(guest.channel);
            }
        }
        guests.clear();
        count();
        sendAway();
        return count;
    }

    /** Waits for the end of its thread; called by any, when it is over. */
    void join(long millis) throws InterruptedException {
        thread.join(millis);
    }

    private void present(SocketChannel channel) throws IOException {
        if (hasEnded) { // who had waited at a place that is only now left for another one
            close(channel);
            return;
        }
        Guest guest = new Guest(channel, places.get());
        guests.add(guest);
        count();
        try {
            thread.execute(() -> judge(guest));
        } catch (OutOfMemoryError noThread) {
            close(channel);
            guests.removeLast();
            leavePlace(guest);
            count();
            throw new IOException("no more threads", noThread);
        }
    }

    /** Has the doorkeeper look at somebody, on that thread. */
    private void judge(Guest guest) {
        if (!guest.isTaken.compareAndSet(false, true)) {
            return; // sent away
        }
        guest.peer = ask(guest.channel);
        judged.add(guest);
        if (hasEnded) {
            sendAway(); // perhaps after the loop's last look
        } else {
            wakeUp.run();
        }
    }

    private Optional<Peer> ask(SocketChannel channel) {
        long began = ticker.getAsLong();
        try {
            Optional<Peer> peer = doorkeeper.admit(channel, settings.get().allowedUsers(), began);
            if (peer.isEmpty()) {
                counters.refusedPeers.increment();
            }
            return peer;
        } catch (IOException e) {
            logger.debug("A client left before it was let in: {}", e.getMessage());
        } catch (RuntimeException | Error e) { // whatever it is, somebody waits for the verdict
            logger.error(
                    "Who connects could not be told: a client is sent away, and this is a defect to be reported", e);
        } finally {
            sayIfItTookLong(began);
        }
        return Optional.empty();
    }

    private void sayIfItTookLong(long beganNanos) {
        long now = ticker.getAsLong();
        long millis = TimeUnit.NANOSECONDS.toMillis(now - beganNanos);
        if (millis >= LONG.toMillis() && slowness.isOver(now)) {
            logger.warn(
                    "To look up who a client is took {} ms: new clients waited for it, those connected did not. Find out why the"
                            + " system's directory of users and groups is slow{}{}",
                    millis,
                    slowness.suppressed(),
                    KeyValues.of("elapsed_ms", millis).and(slowness.keyValues()));
        }
    }

    private void enter(Guest guest, Host host) {
        guests.remove(guest); // the first of them, unless the doorkeeper's thread failed and another one took its place
        count();
        boolean isIn = false;
        try {
            if (guest.peer.isPresent()) {
                if (guest.place == null) {
                    guest.place = places.get();
                }
                host.enter(guest.channel, guest.peer.get(), guest.place);
                isIn = true;
                counters.accepted.increment();
            }
        } catch (IOException e) {
            logger.debug("A client left before it was let in: {}", e.getMessage());
        } catch (RuntimeException | Error e) {
            logger.error("A client could not be let in: it is sent away, and this is a defect to be reported", e);
        } finally {
            if (!isIn) {
                leavePlace(guest);
                close(guest.channel);
            }
        }
    }

    private void count() {
        entering = guests.size();
        counters.entering = entering;
    }

    /** Closes the sockets of those who have a verdict: nobody looks at it any more. */
    private void sendAway() {
        for (Guest guest = judged.poll(); guest != null; guest = judged.poll()) {
            close(guest.channel);
        }
    }

    private void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            logger.warn("The socket of a client that was not let in could not be closed", e);
        }
    }
}
