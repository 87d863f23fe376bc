// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import org.callosum.api.Json;
import org.callosum.api.Message;

/**
 * Remembers what was emitted, to know it again when the bus brings it: nothing on the wire says where a message comes from.
 *
 * <p>A message is known by its fields; by all but {@code ts} if it was emitted without, because the bus adds that. Of two equal
 * ones, ours and another client's, the first to come counts as ours and the second does not: nobody can tell the difference.
 * What does not come back within {@link #AGE} is forgotten, so that it does not hide an equal one for ever.
 *
 * <p><b>Threads.</b> Any, several at once.
 */
final class Origins {
    static final Duration AGE = Duration.ofMinutes(10);

    /** Messages remembered at most. Past it the oldest is forgotten: it crosses back once, and is marked then. */
    static final int MAX = 10_000;

    private record Emitted(String key, long nanos) {}

    private final LongSupplier nanos;

    /** In the order in which they were emitted, which is the one in which the bus brings them. Guarded by {@code this}. */
    private final Deque<Emitted> emitted = new ArrayDeque<>();

    /** @param nanos the time, as {@link System#nanoTime()} gives it */
    Origins(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** A message that is about to be emitted. */
    void add(Message message) {
        // Read back, so that each number is of the type that the receiver will see.
        String key = key(Json.parseObject(message.toJson()));
        synchronized (this) {
            forgetOld();
            if (emitted.size() == MAX) {
                emitted.remove();
            }
            emitted.add(new Emitted(key, nanos.getAsLong()));
        }
    }

    /** The message that was added last was not emitted after all. */
    synchronized void removeLast() {
        emitted.pollLast();
    }

    /** Whether a message from the bus was emitted here; if so, it is no longer remembered. */
    boolean remove(Message message) {
        synchronized (this) {
            forgetOld();
            if (emitted.isEmpty()) {
                return false; // the usual case costs no digest
            }
        }
        Map<String, Object> fields = message.toMap();
        String whole = key(fields);
        Map<String, Object> others = new LinkedHashMap<>(fields);
        others.remove(Message.TS);
        String withoutTs = key(others);
        synchronized (this) {
            for (Iterator<Emitted> each = emitted.iterator(); each.hasNext(); ) {
                String key = each.next().key();
                if (key.equals(whole) || key.equals(withoutTs)) {
                    each.remove();
                    return true;
                }
            }
            return false;
        }
    }

    synchronized void clear() {
        emitted.clear();
    }

    private void forgetOld() {
        long now = nanos.getAsLong();
        while (!emitted.isEmpty() && now - emitted.element().nanos() > AGE.toNanos()) {
            emitted.remove();
        }
    }

    private static String key(Map<String, Object> fields) {
        try {
            byte[] json = Json.write(fields).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
