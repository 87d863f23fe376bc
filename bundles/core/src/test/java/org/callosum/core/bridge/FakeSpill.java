// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;

import org.callosum.core.spill.Spill;
import org.callosum.core.spill.Spilled;

/** A disk that is full, slow or broken when a test wants it to be. */
final class FakeSpill implements Spill {
    private final List<Spilled> events = new ArrayList<>();
    private int read;
    private long done;

    /** Says when a write was tried; and what it then waits for. */
    final Semaphore tried = new Semaphore(0);

    final Semaphore mayWrite = new Semaphore(1_000_000);
    volatile Throwable writeFailure;
    volatile IOException openFailure;
    volatile RuntimeException readFailure;
    volatile boolean closed;
    volatile boolean unreadable;

    @Override
    public void open(Losses losses) throws IOException {
        if (openFailure != null) {
            throw openFailure;
        }
        if (unreadable) {
            losses.lost(Instant.EPOCH, Instant.ofEpochSecond(1));
        }
        // A new process knows nothing of what the one before had read and not done.
        synchronized (this) {
            read = (int) done;
        }
    }

    @Override
    public void append(List<Spilled> added) throws IOException {
        tryToWrite();
        synchronized (this) {
            for (Spilled event : added) {
                events.add(new Spilled(event.message(), event.sinceMillis(), events.size()));
            }
        }
    }

    private void tryToWrite() throws IOException {
        tried.release();
        mayWrite.acquireUninterruptibly();
        Throwable failure = writeFailure;
        if (failure instanceof IOException full) {
            throw full;
        }
        if (failure instanceof RuntimeException broken) {
            throw broken;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }

    @Override
    public synchronized void prepend(List<Spilled> added) throws IOException {
        tryToWrite();
        List<Spilled> all = new ArrayList<>(added);
        all.addAll(events.subList((int) done, events.size()));
        events.clear();
        all.forEach(event -> events.add(new Spilled(event.message(), event.sinceMillis(), events.size())));
        read = 0;
        done = 0;
    }

    @Override
    public synchronized List<Spilled> read(long mostBytes) {
        if (readFailure != null) {
            throw readFailure;
        }
        List<Spilled> next = new ArrayList<>();
        long bytes = 0;
        while (read < events.size() && bytes < mostBytes) {
            bytes += events.get(read).message().toUtf8().remaining();
            next.add(events.get(read++));
        }
        return next;
    }

    @Override
    public void underWay(long position) {
        done(position - 1);
    }

    @Override
    public synchronized void done(long position) {
        done = position + 1;
    }

    @Override
    public void trim() {}

    @Override
    public synchronized long count() {
        return events.size() - read;
    }

    @Override
    public synchronized long bytes() {
        return events.stream()
                .skip(done)
                .mapToLong(event -> event.message().toUtf8().remaining())
                .sum();
    }

    @Override
    public synchronized OptionalLong oldestMillis() {
        return read < events.size() ? OptionalLong.of(events.get(read).sinceMillis()) : OptionalLong.empty();
    }

    @Override
    public void close() {
        closed = true;
    }

    /** What is not done. */
    synchronized List<Spilled> left() {
        return List.copyOf(events.subList((int) done, events.size()));
    }

    @Override
    public String toString() {
        return "/fake";
    }
}
