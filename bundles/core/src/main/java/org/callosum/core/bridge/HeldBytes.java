// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes a queue holds in memory, and how many it may: what it has a capacity for, and the allowance beyond that for what
 * has reserved its place.
 *
 * <p>Who adds and who takes count apart, so that taking needs no lock: the difference is what is held.
 *
 * <p><b>Threads.</b> One thread calls {@link #take}; any thread asks {@link #used}, {@link #isRoomy} and {@link #isLow}; all else
 * is called with the queue's lock held.
 */
final class HeldBytes {
    /** One part of the capacity in so many is left for the tail. The disk takes more in a second than that. */
    private static final int TAIL_SHARE = 4;

    private volatile long capacity;
    private long allowance;

    /** What has reserved its place and has not come. */
    private long reserved;

    /** What was added to memory, less what was moved from there to disk, and what is reserved: less what was taken, it is what memory holds. */
    private final AtomicLong added = new AtomicLong();

    /** Written by the taking thread alone. */
    private final AtomicLong taken = new AtomicLong();

    /**
     * What was taken when it was looked at last. Who adds looks there first, and at what the other thread writes only if that is
     * not enough: it can but say that less is free than there is.
     */
    private volatile long takenSeen;

    void limit(long capacityBytes, long allowanceBytes) {
        capacity = capacityBytes;
        allowance = allowanceBytes;
    }

    /** Whether less than the capacity is held. */
    boolean isRoomy() {
        return added.get() - takenSeen < capacity || used() < capacity;
    }

    /** What is held, with what is reserved. */
    long used() {
        long seen = taken.get();
        takenSeen = seen;
        return added.get() - seen;
    }

    /** What memory holds changes by this much, other than by what is taken. */
    void add(long bytes) {
        added.lazySet(added.getPlain() + bytes);
    }

    /** This much was taken. */
    void take(long bytes) {
        // Not lazily: whoever starves is looked for behind it, see MessageQueue.hasRoom.
        taken.set(taken.getPlain() + bytes);
    }

    /** Reserves this much in the allowance, if it has room; whether it has. */
    boolean reserve(long bytes) {
        if (used() + bytes > capacity + allowance) {
            return false;
        }
        reserved += bytes;
        add(bytes);
        return true;
    }

    /** This much of what is reserved has come: it is held on. */
    void come(long bytes) {
        reserved -= bytes;
    }

    /** This much of what is reserved does not come. */
    void giveBack(long bytes) {
        reserved -= bytes;
        add(-bytes);
    }

    /** What is reserved and has not come. */
    long reserved() {
        return reserved;
    }

    /**
     * Whether whoever starved may be told. Some has to be free first, so that it is not told for each message; and no more than
     * what the spiller can free if nobody takes.
     */
    boolean isLow() {
        long most = capacity;
        return used() <= most - most / (2 * TAIL_SHARE);
    }

    /** Whether batch and head, which is all but what is reserved and the tail, hold most of the capacity. */
    boolean isNearlyFull(long tail) {
        long elsewhere = reserved + tail + capacity - capacity / TAIL_SHARE;
        return added.getPlain() - takenSeen > elsewhere && used() > elsewhere;
    }

    /** Whether half of the capacity is free. */
    boolean isHalfFree() {
        return used() - reserved <= capacity / 2;
    }

    /** How much is moved between memory and disk at a time. */
    long chunk() {
        return Math.max(1, Math.min(1 << 20, capacity / 16));
    }
}
