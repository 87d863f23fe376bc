// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Finds what each handler lost, got twice or got in the wrong order, from what it says on the bus: the bus's order of a
 * handler's sightings is the order in which it handled.
 *
 * <p><b>Threads.</b> The traffic's thread tells of sightings; a test asks and waits. All of it is guarded by {@code this}.
 */
public final class Checker implements Consumer<Sighting> {
    private final Map<String, SeenBy> handlers = new TreeMap<>();

    /** One that has seen nothing. */
    public Checker() {}

    @Override
    public synchronized void accept(Sighting sighting) {
        handlers.computeIfAbsent(sighting.by(), SeenBy::new).add(sighting, System.nanoTime());
        notifyAll();
    }

    /** Waits until a handler has said that number or a higher one; whether it has in time. */
    public boolean awaitNumber(String by, long n, Duration patience) throws InterruptedException {
        return await(() -> handlers.containsKey(by) && handlers.get(by).highest() >= n, patience);
    }

    /** Waits until what a handler said last is of that version of its bundle; whether it is in time. */
    public boolean awaitVersion(String by, String version, Duration patience) throws InterruptedException {
        return await(
                () -> handlers.containsKey(by) && handlers.get(by).version().equals(version), patience);
    }

    /** Waits until what a handler said last is of that setting; whether it is in time. */
    public boolean awaitSetting(String by, String setting, Duration patience) throws InterruptedException {
        return await(
                () -> handlers.containsKey(by) && handlers.get(by).setting().equals(setting), patience);
    }

    /** The highest number that a handler has said; -1 if it has said none. */
    public synchronized long highest(String by) {
        return handlers.containsKey(by) ? handlers.get(by).highest() : -1;
    }

    /** Counts the latencies of all handlers from here on. */
    public synchronized void forgetLatencies() {
        handlers.values().forEach(SeenBy::forgetLatency);
    }

    /** What a handler made of these numbers, both included. One that never said anything has lost them all. */
    public synchronized Tally tally(String by, long first, long last) {
        return handlers.getOrDefault(by, new SeenBy(by)).tally(first, last);
    }

    /** What a handler made of all numbers from 1 on. */
    public Tally tally(String by, long last) {
        return tally(by, 1, last);
    }

    private synchronized boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }
}
