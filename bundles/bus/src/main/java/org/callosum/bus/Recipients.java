// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Who gets what is in the log, and how far they have got. A turn of the loop costs those only for whom there is something to do:
 * who is up to date, whose socket takes nothing, who is send-only, and who is deaf is not looked at.
 *
 * <p>All that is written to a client goes through here, and so does the news that its socket takes something again: else it is not
 * found where it belongs.
 *
 * <p><b>Threads.</b> The server's loop.
 */
final class Recipients {
    /** A client as it was when it was put where it is. */
    private static final class Recipient {
        final ServedClient client;
        boolean isBlocked;
        boolean isSendOnly;
        long position;
        long restBytes;

        Recipient(ServedClient client) {
            this.client = client;
        }
    }

    private final FrameLog log;
    private final ServerCounters counters;
    private final Map<ServedClient, Recipient> all = new HashMap<>();

    /** Whose socket takes something, as far as is known. */
    private final Set<Recipient> ready = new LinkedHashSet<>();

    /** Whose socket takes nothing, and for whom something waits in the log: the one that is furthest behind first. */
    private final NavigableSet<Recipient> blocked = new TreeSet<>(
            Comparator.<Recipient>comparingLong(each -> each.position).thenComparingLong(each -> each.client.id()));

    /** Of those who are ready, who had not got all after the last writing. */
    private final List<ServedClient> behind = new ArrayList<>();

    /** Whose socket is to be watched for something else than before. */
    private final Set<ServedClient> changed = new LinkedHashSet<>();

    /** Up to where in the log was written to those who are ready; -1 if they are to be looked at in any case. */
    private long writtenUpTo = -1;

    private long readyPosition = Long.MAX_VALUE;
    private long readyMemoryPosition = Long.MAX_VALUE;
    private long readyBytes;
    private long blockedPositions;
    private long restBytes;
    private int sendOnly;

    /** Up to which frame it was counted what send-only clients miss. */
    private long framesCounted;

    Recipients(FrameLog log, ServerCounters counters) {
        this.log = log;
        this.counters = counters;
    }

    /** Adds one, which gets what comes from now on. */
    void add(ServedClient client) {
        Recipient recipient = new Recipient(client);
        all.put(client, recipient);
        file(recipient);
    }

    /** Is told that a client is gone. */
    void remove(ServedClient client) {
        Recipient recipient = all.remove(client);
        if (recipient != null) {
            unfile(recipient);
            changed.remove(client);
            behind.remove(client);
        }
    }

    /** Is told that a client's socket takes bytes again. */
    void unblock(ServedClient client) {
        Recipient recipient = all.get(client);
        unfile(recipient);
        client.outbox().unblock();
        file(recipient);
    }

    /** Writes to a client what its socket takes. */
    void write(ServedClient client, long nowNanos) {
        Recipient recipient = all.get(client);
        unfile(recipient);
        client.outbox().write(nowNanos);
        file(recipient);
    }

    /**
     * Has a client be send-only.
     *
     * @return {@code false} if there is no room for it to be
     */
    boolean becomeSendOnly(ServedClient client) {
        Recipient recipient = all.get(client);
        unfile(recipient);
        long before = client.outbox().droppedFrames();
        boolean isSendOnly = client.becomeSendOnly();
        counters.droppedSendOnly.add(client.outbox().droppedFrames() - before);
        file(recipient);
        return isSendOnly;
    }

    /** Writes to all whose sockets take something, if there is something for them. */
    void writeToReady(long nowNanos) {
        countDropped();
        if (writtenUpTo == log.end()) {
            return;
        }
        readyPosition = Long.MAX_VALUE;
        readyMemoryPosition = Long.MAX_VALUE;
        readyBytes = 0;
        behind.clear();
        List<Recipient> toFile = List.of();
        for (Iterator<Recipient> each = ready.iterator(); each.hasNext(); ) {
            Recipient recipient = each.next();
            Outbox outbox = recipient.client.outbox();
            outbox.write(nowNanos);
            if (outbox.isBlocked() || outbox.isDeaf() || recipient.isSendOnly) {
                each.remove();
                forget(recipient);
                toFile = toFile.isEmpty() ? new ArrayList<>() : toFile;
                toFile.add(recipient);
            } else {
                look(recipient.client);
            }
        }
        writtenUpTo = behind.isEmpty() ? log.end() : -1;
        toFile.forEach(this::file);
    }

    /** Whether somebody takes more than has been written at once. */
    boolean isSomebodyReady() {
        return writtenUpTo != log.end();
    }

    /** Those for whom that holds, which is the more likely the further behind somebody is. */
    List<ServedClient> furthestBehind(Predicate<ServedClient> which) {
        if (behind.isEmpty() && (blocked.isEmpty() || !which.test(blocked.first().client))) {
            return List.of(); // mostly: nothing is to be made for it in each turn
        }
        List<ServedClient> found = new ArrayList<>();
        for (Recipient recipient : blocked) {
            if (!which.test(recipient.client)) {
                break;
            }
            found.add(recipient.client);
        }
        for (ServedClient client : behind) {
            if (which.test(client)) {
                found.add(client);
            }
        }
        return found;
    }

    /** Up to where in the log all have got; {@link Long#MAX_VALUE} if nobody gets anything. */
    long slowestPosition() {
        return blocked.isEmpty() ? readyPosition : Math.min(readyPosition, blocked.first().position);
    }

    /** How much memory was taken for the log up to there; likewise. */
    long slowestMemoryPosition() {
        return blocked.isEmpty()
                ? readyMemoryPosition
                : Math.min(readyMemoryPosition, blocked.first().client.outbox().memoryPosition());
    }

    /** What waits for all of them. */
    long backlogBytes() {
        return readyBytes + blocked.size() * log.end() - blockedPositions + restBytes;
    }

    /** How many are send-only. */
    int sendOnly() {
        return sendOnly;
    }

    /** Those whose socket is to be watched for something else than before; each is given once. */
    List<ServedClient> takeChanged() {
        if (changed.isEmpty()) {
            return List.of();
        }
        List<ServedClient> taken = List.copyOf(changed);
        changed.clear();
        return taken;
    }

    private void look(ServedClient client) {
        Outbox outbox = client.outbox();
        long pending = outbox.pendingBytes();
        readyPosition = Math.min(readyPosition, outbox.position());
        readyMemoryPosition = Math.min(readyMemoryPosition, outbox.memoryPosition());
        if (pending > 0) {
            readyBytes += pending;
            behind.add(client);
        }
    }

    private void countDropped() {
        if (framesCounted != log.frames()) {
            counters.droppedSendOnly.add(sendOnly * (log.frames() - framesCounted));
            framesCounted = log.frames();
        }
    }

    /** Puts a client where it belongs. */
    private void file(Recipient recipient) {
        Outbox outbox = recipient.client.outbox();
        recipient.isSendOnly = outbox.isSendOnly();
        recipient.isBlocked = outbox.isBlocked();
        recipient.position = outbox.position();
        if (outbox.isSendOnly()) {
            sendOnly++;
            recipient.restBytes = outbox.pendingBytes();
            restBytes += recipient.restBytes;
        }
        if (!outbox.isBlocked() && !outbox.isDeaf()) {
            ready.add(recipient);
            writtenUpTo = -1;
            if (!outbox.isSendOnly()) {
                look(recipient.client);
            }
        } else if (outbox.isBlocked() && !outbox.isSendOnly()) {
            blocked.add(recipient);
            blockedPositions += recipient.position;
        }
        changed.add(recipient.client);
    }

    /** Takes a client from where it is. */
    private void unfile(Recipient recipient) {
        if (ready.remove(recipient)) {
            writtenUpTo = -1; // who is furthest behind may be another one now
        } else if (blocked.remove(recipient)) {
            blockedPositions -= recipient.position;
        }
        forget(recipient);
    }

    private void forget(Recipient recipient) {
        countDropped();
        if (recipient.isSendOnly) {
            sendOnly--;
            restBytes -= recipient.restBytes;
            recipient.restBytes = 0;
            recipient.isSendOnly = false;
        }
    }
}
