// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.callosum.api.Message;
import org.callosum.core.EventSource;
import org.callosum.core.spill.Spill;

/**
 * What was received and is not yet dispatched, in order, bounded in bytes: {@code dispatch.md}, rows 'reading the bus' and
 * 'emitting while all is full'.
 *
 * <p>Messages from the bus are taken while less than the capacity is in memory. What this runtime emits gets its place before
 * it is sent, and up to an allowance beyond the capacity: it may come from the very handler that the queue waits for.
 *
 * <p>With a {@link Spiller}, memory is three parts in a row: the batch that the taking thread has for itself, the head, and
 * the tail; what is on disk lies between the last two. Once batch and head hold most of the capacity, or something is on disk,
 * what comes goes to the tail and from there to disk, and the head is filled from there, until nothing is there any more. The
 * rest is for what comes while the disk is written.
 *
 * <p><b>Threads.</b> One thread takes, and takes a lock once per batch; the spiller's thread moves; any thread adds, reserves
 * and asks. One lock guards the rest, for moments; nothing is called while it is held.
 */
public final class MessageQueue {
    private static final long NONE = Long.MIN_VALUE;

    private final ReentrantLock lock = new ReentrantLock();

    /** For whoever drains. */
    private final Condition drained = lock.newCondition();

    /** For the spiller. */
    private final Condition toMove = lock.newCondition();

    // Guarded by the lock. The head and the batch are exchanged, so they are no final fields.
    private ArrayDeque<Queued> head = new ArrayDeque<>();
    private long heldCount;

    /** On disk, and behind that in memory. Guarded by the lock. */
    private final Overflow overflow;

    private boolean spillerWaits;

    /** Whether the thread that takes found nothing, and so is done with what it took. */
    private boolean idle = true;

    /** Whether all that ever came is done. Written with the lock held: by who takes and by who adds, in turn. */
    private volatile boolean atRest;

    /** Whether that thread is to be woken by the next message that it can have. */
    private boolean waiting;

    /** Takes nothing from the bus any more. Written with the lock held, as {@link #closed} and {@link #starving}. */
    private volatile boolean closing;

    /** Gives nothing any more. */
    private volatile boolean closed;

    private final HeldBytes held = new HeldBytes();

    /** Whether somebody was told that there is no room, and not yet that there is again. */
    private volatile boolean starving;

    // Of the taking thread, which alone writes them.
    private ArrayDeque<Queued> batch = new ArrayDeque<>();
    private Queued taken;
    private final AtomicLong takenCount = new AtomicLong();

    /** When the first message of the batch was received; {@link #NONE} if it is empty. */
    private final AtomicLong batchSinceNanos = new AtomicLong(NONE);

    /** {@code null} if there is memory alone. */
    private final Spiller spiller;

    private volatile Runnable wakeup = () -> {};

    /** An empty queue with these limits, in memory alone. */
    public MessageQueue(long capacityBytes, long allowanceBytes) {
        this(capacityBytes, allowanceBytes, null);
    }

    /** A queue with these limits, and what a spiller finds on the disk: until it has looked, nothing is given. */
    public MessageQueue(long capacityBytes, long allowanceBytes, Spiller spiller) {
        this.spiller = spiller;
        this.overflow = new Overflow(spiller != null);
        resize(capacityBytes, allowanceBytes);
    }

    /**
     * Has the spiller begin, if there is one.
     *
     * @param room called when there is room again for one who was told that there is none, by the spiller's thread
     * @param losses told of what could not be read back
     */
    void start(Runnable room, Spill.Losses losses) {
        if (spiller != null) {
            spiller.start(this, room, losses);
        }
    }

    /**
     * What is called when a message came after {@link #tryPoll} had found none: once, not for each message; and at the
     * {@link #close()}. By the thread that adds, without a lock: it must not wait.
     */
    public void onArrival(Runnable called) {
        wakeup = called;
    }

    /** Whether {@link #end()} keeps what is left. */
    boolean keeps() {
        return spiller != null && spiller.keeps();
    }

    /** Sets how much may be on disk; 0 writes nothing, and reads what is there. */
    void resizeSpill(long bytes) {
        if (spiller != null) {
            spiller.limit(bytes);
            lookAgain();
        }
    }

    /** Sets both limits; whether there is room now for one who was told that there is none. */
    boolean resize(long capacity, long allowance) {
        lock.lock();
        try {
            held.limit(capacity, allowance);
            callSpiller();
            return update();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a message from the bus may be added. */
    boolean hasRoom() {
        if (isRoomy()) {
            return true;
        }
        lock.lock();
        try {
            // Said before the second look: who takes looks here after it has taken, so one of the two sees the other.
            starving = true;
            if (isRoomy()) {
                starving = false;
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean isRoomy() {
        return !closing && held.isRoomy();
    }

    /** Adds a message, and has nobody woken for it before {@link #arrived()} is called. */
    void addAhead(Message message) {
        add(message, null);
    }

    /**
     * Whether all that ever came is taken and done, and more is taken: what comes now is next. For the thread that adds what
     * comes from the bus.
     */
    boolean isAtRest() {
        return atRest && !closing && !closed;
    }

    /** Wakes who waits for what was added. */
    void arrived() {
        boolean wake;
        lock.lock();
        try {
            wake = arrival();
        } finally {
            lock.unlock();
        }
        if (wake) {
            wakeup.run();
        }
    }

    /** Adds a message whose place is one of these, or a new one if that is {@code null}. */
    private void add(Message message, Places places) {
        Queued queued = Queued.of(message);
        lock.lock();
        try {
            if (places == null) {
                held.add(queued.bytes());
            } else {
                places.come(queued.bytes()); // it is held already
            }
            heldCount++;
            atRest = false;
            // Not whether the disk takes something right now: else nobody would write the head when it does again.
            if (!overflow.isOpen() && held.isNearlyFull(overflow.tailBytes()) && keeps()) {
                overflow.open();
            }
            if (overflow.isOpen()) {
                overflow.add(queued);
                if (overflow.tailBytes() >= held.chunk()) {
                    callSpiller();
                }
            } else {
                head.add(queued);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next message; the one taken before counts as done. Called by one thread alone, and does not wait.
     *
     * @return {@code null} if there is none now, or after {@link #close()}. Then {@link #onArrival} tells of the next
     */
    public Message tryPoll() {
        if (closed || batch.isEmpty()) {
            finish(null);
            if (closed || !refill()) {
                return null;
            }
        }
        Queued next = batch.poll();
        finish(next);
        Queued first = batch.peek();
        batchSinceNanos.lazySet(first == null ? NONE : first.sinceNanos());
        takenCount.lazySet(takenCount.getPlain() + 1);
        held.take(next.bytes());
        return next.message();
    }

    /** When what was taken last had come. For the thread that takes. */
    long takenSinceNanos() {
        Queued last = taken;
        return last == null ? EventSource.UNKNOWN : last.sinceNanos();
    }

    /** What was taken before is done, and this is under way. */
    private void finish(Queued next) {
        Queued before = taken;
        taken = next;
        if (next != null && next.isOnDisk()) {
            spiller.underWay(next.position());
        } else if (before != null && before.isOnDisk()) {
            spiller.done(before.position());
            lookAgain(); // it may be the last, and its file can go
        }
    }

    /** Exchanges the empty batch for the head; if that is empty, too, the thread rests until something comes. */
    private boolean refill() {
        lock.lock();
        try {
            skipDisk();
            idle = head.isEmpty();
            if (idle) {
                waiting = true;
                atRest = overflow.isEmpty() && !closing && !closed;
                drained.signalAll();
            } else {
                ArrayDeque<Queued> empty = batch;
                batch = head;
                head = empty;
                batchSinceNanos.lazySet(batch.peek().sinceNanos());
            }
            if (overflow.isOpen()
                    || !overflow
                            .isDiskEmpty()) { // else nothing can be moved, and to wake it takes longer than a handler
                callSpiller();
            }
            return !idle;
        } finally {
            lock.unlock();
        }
    }

    /** With nothing on disk, the tail follows the head at once. */
    private void skipDisk() {
        if (head.isEmpty() && overflow.isOpen() && overflow.isDiskEmpty()) {
            head = overflow.takeTail(head);
        }
    }

    /** Whether the taking thread could have something. */
    private boolean hasNext() {
        return !head.isEmpty() || overflow.isTailNext();
    }

    /** Whether that thread has to be woken. */
    private boolean arrival() {
        if (!waiting || !closed && !hasNext()) {
            return false;
        }
        waiting = false;
        return true;
    }

    /** Whether there is room again for one who was told that there is none. Says so once. */
    public boolean isRoomAgain() {
        if (!starving) {
            return false;
        }
        lock.lock();
        try {
            return update();
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing from the bus any more; waits until all is taken and done. Whether that was so in time. */
    boolean drain(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            closing = true;
            while (!closed && !isDone()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = drained.awaitNanos(nanos);
            }
            return isDone();
        } finally {
            lock.unlock();
        }
    }

    private boolean isDone() {
        return idle && held.reserved() == 0 && waitingCount() == 0;
    }

    private long waitingCount() {
        return heldCount - takenCount.get() + overflow.onDisk();
    }

    /** Gives nothing any more; how many messages are left in it. */
    int close() {
        boolean wake;
        int left;
        lock.lock();
        try {
            closing = true;
            closed = true;
            wake = arrival();
            drained.signalAll();
            callSpiller();
            left = (int) Math.min(Integer.MAX_VALUE, waitingCount());
        } finally {
            lock.unlock();
        }
        if (wake) {
            wakeup.run();
        }
        return left;
    }

    boolean isClosed() {
        return closed;
    }

    long size() {
        lock.lock();
        try {
            return waitingCount();
        } finally {
            lock.unlock();
        }
    }

    /** The length of the texts in memory. */
    long bytes() {
        lock.lock();
        try {
            // The count first: what is taken in between makes the sum too small, by less than it was, never negative.
            long count = heldCount - takenCount.get();
            return Math.max(0, held.used() - held.reserved() - count * Queued.OVERHEAD_BYTES);
        } finally {
            lock.unlock();
        }
    }

    /** How many messages are on disk and not in memory. */
    long spilled() {
        lock.lock();
        try {
            return overflow.onDisk();
        } finally {
            lock.unlock();
        }
    }

    /** The size of the files that they are in, and those that were read from there and are not done. */
    long spilledBytes() {
        return spiller == null ? 0 : spiller.bytes();
    }

    /** How long the oldest of them has waited. */
    Duration oldestSpilled() {
        return spiller == null ? Duration.ZERO : spiller.oldest();
    }

    /** How long the oldest message has waited. */
    Duration oldest() {
        lock.lock();
        try {
            long since = batchSinceNanos.get();
            if (since == NONE) {
                Queued first = head.peek();
                if (first == null && overflow.onDisk() > 0) {
                    return spiller.oldest();
                }
                first = first == null ? overflow.firstOfTail() : first;
                if (first == null) {
                    return Duration.ZERO;
                }
                since = first.sinceNanos();
            }
            return Duration.ofNanos(System.nanoTime() - since);
        } finally {
            lock.unlock();
        }
    }

    /** Whether whoever starved is to be told now. */
    private boolean update() {
        if (starving && !closing && held.isLow()) {
            starving = false;
            return true;
        }
        return false;
    }

    /** Places in the allowance, none so far. */
    Places places() {
        return new Places();
    }

    /** The places that are reserved for the messages of one bus. It may go with all that has not come. */
    final class Places {
        /** Guarded by the lock. */
        private long bytes;

        /** Reserves a place for a text of this length; whether there is one. */
        boolean reserve(long length) {
            long needed = length + Queued.OVERHEAD_BYTES;
            lock.lock();
            try {
                if (closed || !held.reserve(needed)) {
                    return false;
                }
                bytes += needed;
                return true;
            } finally {
                lock.unlock();
            }
        }

        /** Gives a place back; whether there is room now for one who was told that there is none. */
        boolean release(long length) {
            lock.lock();
            try {
                giveBack(length + Queued.OVERHEAD_BYTES);
                return update();
            } finally {
                lock.unlock();
            }
        }

        /** Adds a message whose place was reserved, and has nobody woken for it before {@link MessageQueue#arrived()} is called. */
        void addAhead(Message message) {
            MessageQueue.this.add(message, this);
        }

        /** The bus is gone: what has not come does not come any more. */
        void forfeit() {
            lock.lock();
            try {
                giveBack(bytes);
            } finally {
                lock.unlock();
            }
        }

        private void giveBack(long some) {
            bytes -= some;
            held.giveBack(some);
            drained.signalAll();
        }

        private void come(long some) {
            bytes -= some;
            held.come(some);
        }
    }

    // What follows is the spiller's.

    /**
     * Waits until something has to be moved, and takes it in hand.
     *
     * @param mayWrite whether there is room on the disk
     * @param patience how long it waits at most
     */
    Overflow.Move awaitMove(boolean mayWrite, Duration patience) throws InterruptedException {
        lock.lock();
        try {
            overflow.writable(mayWrite);
            Overflow.Move move = nextMove();
            if (move == Overflow.NOTHING && !closed) {
                spillerWaits = true;
                toMove.awaitNanos(patience.toNanos());
                spillerWaits = false;
                move = nextMove();
            }
            overflow.moving(move != Overflow.NOTHING);
            return move;
        } finally {
            lock.unlock();
        }
    }

    private Overflow.Move nextMove() {
        return hasMove() ? overflow.next(head.isEmpty(), held.chunk()) : Overflow.NOTHING;
    }

    private boolean hasMove() {
        return !closed && overflow.hasMove(head.isEmpty(), held.chunk());
    }

    /** What was in hand is on disk now. */
    void written(List<Queued> events, long onDiskNow) {
        long bytes = events.stream().mapToLong(Queued::bytes).sum();
        end(onDiskNow, () -> {
            overflow.written(bytes);
            held.add(-bytes);
            heldCount -= events.size();
        });
    }

    /** What was in hand could not be written: it stays where it was. */
    void notWritten(List<Queued> events, long onDiskNow) {
        end(onDiskNow, () -> overflow.takeBack(events));
    }

    /** These were read from the disk, and nothing is in hand any more. */
    void moved(Collection<Queued> read, long onDiskNow) {
        end(onDiskNow, () -> {
            for (Queued event : read) {
                head.add(event);
                held.add(event.bytes());
                heldCount++;
            }
        });
    }

    /** Nothing is in hand any more. What that changes in memory and on disk is seen at once, for the sum of both is what waits. */
    private void end(long onDiskNow, Runnable inMemory) {
        boolean wake;
        lock.lock();
        try {
            inMemory.run();
            overflow.moved(onDiskNow);
            if (held.isHalfFree()) {
                skipDisk(); // else the tail has to go to disk, or what comes would find no room there
            }
            wake = arrival();
            drained.signalAll();
        } finally {
            lock.unlock();
        }
        if (wake) {
            wakeup.run();
        }
    }

    /** Waits until the spiller has ended, as it does behind {@link #close()}. */
    void awaitSpiller() {
        spiller.await();
    }

    /** Whether the spiller has nothing to do now. */
    boolean isSpillerResting() {
        lock.lock();
        try {
            return spillerWaits && !hasMove();
        } finally {
            lock.unlock();
        }
    }

    private void lookAgain() {
        lock.lock();
        try {
            callSpiller();
        } finally {
            lock.unlock();
        }
    }

    /** Makes the spiller look again, with the lock held. */
    private void callSpiller() {
        if (spillerWaits) {
            spillerWaits = false;
            toMove.signal();
        }
    }

    /**
     * Ends the spiller, which writes what is left in memory to the disk, before what is there and behind it. Called when the
     * thread that takes has ended, behind {@link #close()}; what it took last is done.
     *
     * @return how many messages are left that nobody keeps
     */
    long end() {
        if (spiller == null) {
            return size();
        }
        finish(null);
        awaitSpiller();
        List<Queued> before = new ArrayList<>();
        List<Queued> behind = new ArrayList<>();
        lock.lock();
        try {
            boolean isBehind = false;
            for (Collection<Queued> part : List.of(batch, head)) {
                for (Queued event : part) {
                    isBehind |= event.isOnDisk();
                    if (!event.isOnDisk()) {
                        (isBehind ? behind : before).add(event);
                    }
                }
            }
            behind.addAll(overflow.tail());
        } finally {
            lock.unlock();
        }
        return spiller.keep(before, behind);
    }
}
