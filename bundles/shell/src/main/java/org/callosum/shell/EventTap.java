// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayDeque;
import java.util.Deque;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Message;

/**
 * Keeps events between the dispatcher, which must not wait for anybody's terminal, and the one who prints them. What finds
 * no room is dropped and counted, in its place.
 *
 * <p><b>Threads.</b> The dispatcher's workers put in, one thread takes out, any thread may close. Guarded by {@code this}.
 */
final class EventTap implements CallosumEventHandler, AutoCloseable {
    private final int maxEvents;
    private final long maxBytes;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private int events;
    private long bytes;
    /** Events dropped after the last entry. */
    private long droppedLast;

    private boolean isClosed;

    /**
     * What comes out: an event, or the place where some were dropped.
     *
     * @param message the event; {@code null} where some were dropped
     * @param dropped how many were
     */
    record Entry(Message message, long dropped) {}

    EventTap(int maxEvents, long maxBytes) {
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
    }

    @Override
    public synchronized void handle(EventContext context) {
        Message message = context.msg();
        long size = size(message);
        if (isClosed) {
            return;
        }
        if (events > 0 && (events == maxEvents || bytes + size > maxBytes)) {
            droppedLast++;
            return;
        }
        if (droppedLast > 0) {
            entries.add(new Entry(null, droppedLast));
            droppedLast = 0;
        }
        entries.add(new Entry(message, 0));
        events++;
        bytes += size;
        notifyAll();
    }

    /** The next entry; waits for it. {@code null} if it is closed. */
    synchronized Entry take() throws InterruptedException {
        while (!isClosed && entries.isEmpty() && droppedLast == 0) {
            wait();
        }
        if (isClosed) {
            return null;
        }
        Entry entry = entries.poll();
        if (entry == null) {
            entry = new Entry(null, droppedLast);
            droppedLast = 0;
        } else if (entry.message() != null) {
            events--;
            bytes -= size(entry.message());
        }
        return entry;
    }

    private static long size(Message message) {
        return message.toUtf8().remaining();
    }

    /** Keeps and gives nothing any more; who waits for an entry gets {@code null}. */
    @Override
    public synchronized void close() {
        isClosed = true;
        entries.clear();
        notifyAll();
    }
}
