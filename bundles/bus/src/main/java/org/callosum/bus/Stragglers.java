// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Applies the row 'a client that does not read' of {@code protocol.md}. A client whose backlog is full becomes send-only
 * if it has never read. Where others send so fast that it may just not have
 * begun, they wait a second for it. If it has read, the senders are held back until it has read half of its backlog; if it makes no
 * progress for too long, the {@link SlowPolicy} decides.
 *
 * <p>To hold the bus up is an episode that is reported once, however often the senders start and stop in it: it ends when
 * the client has nearly caught up, or is gone.
 */
final class Stragglers {
    /** So long a client that was sent to may take to begin reading, however fast its backlog fills. */
    private static final long BEGINNING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Recipients recipients;
    private final FrameLog log;
    private final Supplier<ServerSettings> settings;
    private final ServerCounters counters;
    private final Logger logger;

    private final Map<ServedClient, HoldUp> holdUps = new HashMap<>();
    private final List<ServedClient> stalled = new ArrayList<>();

    /** Those who have never read, and there is no room for the rest of the frame that they have begun to get. */
    private final Set<ServedClient> stuck = new LinkedHashSet<>();

    /** The log's length from which on some client's backlog is full, and from which on not even own emits fit. */
    private long sendersEnd = Long.MAX_VALUE;

    private long ownEnd = Long.MAX_VALUE;

    /** The same for the memory that the log takes, by {@link FrameLog#memoryEnd()}. */
    private long sendersMemoryEnd = Long.MAX_VALUE;

    private long ownMemoryEnd = Long.MAX_VALUE;
    private boolean holdsSenders;

    /** When the next of those who may still begin to read is looked at again; {@link Long#MAX_VALUE} if there is none. */
    private long nanosToNextBeginning = Long.MAX_VALUE;

    private long judgedNanos;

    /**
     * Makes one.
     *
     * @param recipients all clients there are, now and later
     */
    Stragglers(
            Recipients recipients,
            FrameLog log,
            Supplier<ServerSettings> settings,
            ServerCounters counters,
            Logger logger) {
        this.recipients = recipients;
        this.log = log;
        this.settings = settings;
        this.counters = counters;
        this.logger = logger;
    }

    /** Whether a frame of a client may be put into the order. */
    boolean admitSenders() {
        return !holdsSenders && log.end() < sendersEnd && log.memoryEnd() < sendersMemoryEnd;
    }

    /** Whether a frame of this runtime may be. */
    boolean admitOwn() {
        return log.end() < ownEnd && log.memoryEnd() < ownMemoryEnd;
    }

    /** Writes to every client what it takes, then looks at who is left behind. */
    void flushAndJudge(long nowNanos) {
        recipients.writeToReady(nowNanos);
        judge(nowNanos);
    }

    /** Whether the senders wait for this client, which has begun to read, to read on. */
    boolean isHeldUpBy(ServedClient client) {
        HoldUp holdUp = holdUps.get(client);
        return holdUp != null && holdUp.isFull;
    }

    /** Those that made no progress for too long and are to be disconnected; each is given once. */
    List<ServedClient> takeStalled() {
        List<ServedClient> taken = List.copyOf(stalled);
        stalled.clear();
        return taken;
    }

    /** Those for whose unfinished frame there is no room, and who are to be disconnected; each is given once. */
    List<ServedClient> takeStuck() {
        List<ServedClient> taken = List.copyOf(stuck);
        stuck.clear();
        return taken;
    }

    /** Is told that a client is gone, or gets nothing any more. */
    void forget(ServedClient client, long nowNanos) {
        stuck.remove(client);
        stalled.remove(client); // it left after it was judged: there is nobody to disconnect any more
        HoldUp holdUp = holdUps.remove(client);
        if (holdUp != null) {
            long millis = holdUp.millis(nowNanos);
            logger.info(
                    "{} is gone: it holds the bus up no more, after {} ms{}", client, millis, heldUp(client, millis));
        }
    }

    /** How long until somebody has not read for too long; {@link Long#MAX_VALUE} if nobody is about to. */
    long nanosToNextJudgement(long nowNanos) {
        long next = nanosToNextBeginning;
        for (Map.Entry<ServedClient, HoldUp> entry : holdUps.entrySet()) {
            HoldUp holdUp = entry.getValue();
            if (holdUp.isFull && !holdUp.hasStalled) {
                long left = settings.get().stall().toNanos() - holdUp.standstillNanos(entry.getKey(), nowNanos);
                next = Math.min(next, Math.max(left, 0));
            }
        }
        return next;
    }

    private void judge(long nowNanos) {
        ServerSettings limits = settings.get();
        if (holdsSenders) {
            counters.heldUpNanos.add(nowNanos - judgedNanos);
        }
        judgedNanos = nowNanos;
        holdsSenders = false;
        nanosToNextBeginning = Long.MAX_VALUE;
        for (ServedClient client : suspects(limits)) {
            judge(client, limits, nowNanos);
        }
        long slowest = recipients.slowestPosition();
        long slowestMemory = recipients.slowestMemoryPosition();
        boolean nobodyReads = slowest == Long.MAX_VALUE;
        sendersEnd = nobodyReads ? Long.MAX_VALUE : slowest + limits.backlogBytes();
        ownEnd = nobodyReads ? Long.MAX_VALUE : sendersEnd + limits.ownAllowanceBytes();
        sendersMemoryEnd = nobodyReads ? Long.MAX_VALUE : slowestMemory + limits.logShareBytes();
        ownMemoryEnd = nobodyReads ? Long.MAX_VALUE : sendersMemoryEnd + limits.logShareBytes();
        counters.backlogBytes = recipients.backlogBytes();
        counters.sendOnly = recipients.sendOnly();
    }

    /** Whose backlog is full, and who has held the bus up and has not caught up. */
    private Collection<ServedClient> suspects(ServerSettings limits) {
        List<ServedClient> full = recipients.furthestBehind(each -> isFull(each, limits));
        if (full.isEmpty() && holdUps.isEmpty()) {
            return full;
        }
        Set<ServedClient> suspects = new LinkedHashSet<>(full);
        suspects.addAll(holdUps.keySet());
        return suspects;
    }

    private void judge(ServedClient client, ServerSettings limits, long nowNanos) {
        // Tried once more even if its socket has not said that it takes more: it says so only when it has room for
        // much.
        if (isFull(client, limits) && client.outbox().isBlocked()) {
            recipients.write(client, nowNanos);
        }
        HoldUp holdUp = holdUps.get(client);
        if (isFull(client, limits)) {
            if (!client.outbox().hasRead()) {
                awaitBeginning(client, nowNanos);
            } else if (holdUp == null) {
                holdUps.put(client, begin(client, limits, nowNanos));
            } else if (!holdUp.isFull) {
                holdUp.isFull = true;
                holdUp.fullNanos = nowNanos;
            }
        }
        if (client.outbox().isDeaf()) {
            forget(client, nowNanos);
        } else if (holdUp != null) {
            go(client, holdUp, limits, nowNanos);
        }
        holdUp = holdUps.get(client);
        holdsSenders |= holdUp != null && holdUp.isFull;
    }

    private boolean isFull(ServedClient client, ServerSettings limits) {
        return fullness(client, limits) >= 1;
    }

    /** How much of what it may take is the backlog of a client, which counts by its bytes and by the memory that they take. */
    private double fullness(ServedClient client, ServerSettings limits) {
        Outbox outbox = client.outbox();
        if (outbox.position() == Long.MAX_VALUE) {
            return 0;
        }
        double memory = log.memoryEnd() - outbox.memoryPosition();
        return Math.max((double) outbox.pendingBytes() / limits.backlogBytes(), memory / limits.logShareBytes());
    }

    private void awaitBeginning(ServedClient client, long nowNanos) {
        long left = BEGINNING_NANOS - (nowNanos - client.outbox().firstBlockedNanos());
        if (left > 0) {
            holdsSenders = true;
            nanosToNextBeginning = Math.min(nanosToNextBeginning, left);
        } else {
            sendOnly(client);
        }
    }

    private void sendOnly(ServedClient client) {
        long bytes = client.outbox().pendingBytes();
        if (!recipients.becomeSendOnly(client)) {
            stuck.add(client);
            return;
        }
        logger.info(
                "{} has never read: it goes on as a sender, and what it would have got, {} bytes so far, is dropped and"
                        + " counted until it reads{}",
                client,
                bytes,
                client.keyValues().and("dropped_bytes", bytes));
    }

    private HoldUp begin(ServedClient client, ServerSettings limits, long nowNanos) {
        counters.heldUp.increment();
        long fullBytes = Math.min(limits.backlogBytes(), limits.logShareBytes());
        logger.warn(
                "{} holds the bus up: its backlog of {} bytes is full; the senders wait until it has read half of it,"
                        + " and if it makes no progress for {} ms {}{}",
                client,
                fullBytes,
                limits.stall().toMillis(),
                limits.slowPolicy() == SlowPolicy.BLOCK ? "they wait on" : "it is disconnected",
                client.keyValuesWithBacklog()
                        .and("full_bytes", fullBytes)
                        .and("stall_ms", limits.stall().toMillis()));
        return new HoldUp(nowNanos);
    }

    /** Goes on with an episode. */
    private void go(ServedClient client, HoldUp holdUp, ServerSettings limits, long nowNanos) {
        double fullness = fullness(client, limits);
        if (fullness <= 1 / 2.0) {
            holdUp.isFull = false;
        }
        if (fullness <= 1 / 16.0) {
            holdUps.remove(client);
            long millis = holdUp.millis(nowNanos);
            logger.info(
                    "{} has caught up: it holds the bus up no more, after {} ms{}",
                    client,
                    millis,
                    heldUp(client, millis));
        } else if (!holdUp.isFull) {
            holdUp.hasStalled = false;
        } else if (holdUp.standstillNanos(client, nowNanos) < limits.stall().toNanos()) {
            holdUp.hasStalled = false;
        } else if (!holdUp.hasStalled) {
            holdUp.hasStalled = true;
            if (limits.slowPolicy() == SlowPolicy.DISCONNECT) {
                stalled.add(client);
            } else {
                logger.warn(
                        "{} has made no progress for {} ms: the senders wait until it reads or leaves (policy 'block'){}",
                        client,
                        limits.stall().toMillis(),
                        client.keyValuesWithBacklog()
                                .and("stalled_ms", limits.stall().toMillis()));
            }
        }
    }

    private static KeyValues heldUp(ServedClient client, long millis) {
        return client.keyValues().and("held_up_ms", millis);
    }

    /** An episode in which one client holds the bus up. */
    private static final class HoldUp {
        private final long sinceNanos;
        private long fullNanos;
        private boolean isFull = true;
        private boolean hasStalled;

        HoldUp(long nowNanos) {
            sinceNanos = nowNanos;
            fullNanos = nowNanos;
        }

        /** How long the client has had a full backlog and taken nothing. */
        long standstillNanos(ServedClient client, long nowNanos) {
            return Math.min(nowNanos - fullNanos, nowNanos - client.outbox().progressNanos());
        }

        long millis(long nowNanos) {
            return TimeUnit.NANOSECONDS.toMillis(nowNanos - sinceNanos);
        }
    }
}
