// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.runtime;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * How often facts are told: one of the same event and subject every while, and of all together so many a minute. What is left out
 * is counted for the next one that is told of the same.
 *
 * <p><b>Threads.</b> Any.
 */
final class Limit {
    /** How many events and subjects are told from each other; the one that was seen first is forgotten, with its count. */
    static final int MAX_KEYS = 1_000;

    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private static final class Told {
        long atNanos;
        boolean ever;
        long leftOut;
    }

    private final LongSupplier ticker;

    /** The rest is guarded by {@code this}. */
    private final Map<String, Told> all = new LinkedHashMap<>();

    private long pauseNanos;
    private int aMinute;
    private double tokens;
    private long tokensAtNanos;

    /**
     * A limit that has told nothing.
     *
     * @param pause how long it is between two of the same
     * @param aMinute how many there are of all together
     * @param ticker the time, by {@link System#nanoTime()}
     */
    Limit(Duration pause, int aMinute, LongSupplier ticker) {
        this.ticker = ticker;
        this.tokens = aMinute;
        this.tokensAtNanos = ticker.getAsLong();
        apply(pause, aMinute);
    }

    /** Uses other limits. */
    synchronized void apply(Duration pause, int most) {
        pauseNanos = pause.toNanos();
        aMinute = most;
        tokens = Math.min(tokens, most);
    }

    /** How many of the same were left out since the last one, if one may be told now; else empty, and it is counted. */
    synchronized OptionalLong admit(String event, String subject) {
        long now = ticker.getAsLong();
        tokens = Math.min(aMinute, tokens + (double) (now - tokensAtNanos) * aMinute / MINUTE_NANOS);
        tokensAtNanos = now;
        Told told = of(event + " " + subject);
        if (told.ever && now - told.atNanos < pauseNanos || tokens < 1) {
            told.leftOut++;
            return OptionalLong.empty();
        }
        tokens--;
        long leftOut = told.leftOut;
        told.ever = true;
        told.atNanos = now;
        told.leftOut = 0;
        return OptionalLong.of(leftOut);
    }

    /** One that was admitted is left out all the same. */
    synchronized void leftOut(String event, String subject, long count) {
        of(event + " " + subject).leftOut += count;
    }

    private Told of(String key) {
        Told told = all.get(key);
        if (told == null) {
            if (all.size() == MAX_KEYS) {
                Iterator<String> oldest = all.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
            told = new Told();
            all.put(key, told);
        }
        return told;
    }
}
