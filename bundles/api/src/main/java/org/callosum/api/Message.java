// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A message of the bus: a JSON object with a tract and an event. Immutable and thread-safe; decoded when a field is asked
 * for the first time, and only then.
 *
 * <p>A getter is empty where the field is missing, is {@code null}, or is of another type; a number is given only in a
 * type that holds it without loss. {@link #toMap()} has everything, in the types that {@link Json} describes.
 */
public final class Message {
    /** The field that names the tract. */
    public static final String TRACT = "tract";

    /** The field that names the event. */
    public static final String EVENT = "event";

    /** The field of the time stamp. */
    public static final String TS = "ts";

    private static final int MAX_PRINTED_NAME = 100;

    private final String tract;
    private final String event;
    private final boolean redelivered;

    /** What it was emitted for; {@code null} if nobody knows. */
    private final Cause cause;

    /** An event, and what it was emitted for in its turn; names alone, so that no message keeps another. */
    private record Cause(String name, int depth, Cause before) {}

    // Of the two forms at least one is there from the start; the other is made on demand. Both are pure functions of
    // the
    // first, so two threads that make one at the same time make equal ones, and it does not matter which stays.
    private volatile byte[] utf8;
    private volatile Map<String, Object> fields;

    private Message(
            String tract, String event, byte[] utf8, Map<String, Object> fields, boolean redelivered, Cause cause) {
        this.tract = Objects.requireNonNull(tract, TRACT);
        this.event = Objects.requireNonNull(event, EVENT);
        this.redelivered = redelivered;
        this.cause = cause;
        this.utf8 = utf8;
        this.fields = fields;
    }

    /**
     * A message of a tract, an event and other fields, in this order.
     *
     * @param tract the tract
     * @param event the event
     * @param fields the other fields: {@code String}s, {@code Boolean}s, {@code null}s, the JDK's numbers, collections,
     *     arrays of objects, {@code int}, {@code long} or {@code double}, and maps with {@code String} keys; enums and
     *     other character sequences as their text. Copied
     * @throws IllegalArgumentException if a value is of another type, the field is named, or if {@code tract} or
     *     {@code event} is among them
     */
    public static Message of(String tract, String event, Map<String, ?> fields) {
        for (String name : List.of(TRACT, EVENT)) {
            if (fields.containsKey(name)) {
                throw new IllegalArgumentException(
                        "Field '" + name + "' is given twice: as an argument and in the map");
            }
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(TRACT, Objects.requireNonNull(tract, TRACT));
        all.put(EVENT, Objects.requireNonNull(event, EVENT));
        all.putAll(fields);
        return of(all);
    }

    /**
     * A message of these fields. It may lack {@code tract} and {@code event}: both then count as empty.
     *
     * @param fields all fields, as {@link #of(String, String, Map)} takes them. Copied
     * @throws IllegalArgumentException if a value is of a type that JSON has no form for
     */
    public static Message of(Map<String, ?> fields) {
        return ofNormal(Json.object((Map<?, ?>) Json.normalize(fields, "message", 0)));
    }

    /**
     * A message from its JSON text. It may lack {@code tract} and {@code event}: both then count as empty.
     *
     * @throws IllegalArgumentException if the text is not a JSON object
     */
    public static Message parse(String json) {
        return ofNormal(Json.parseObject(json));
    }

    /**
     * A message from a frame that a transport has checked already. Nothing is parsed here.
     *
     * @param tract the frame's tract
     * @param event the frame's event
     * @param utf8 the frame: one JSON object, valid UTF-8, without a line break. Not copied: the caller gives it away
     */
    public static Message ofFrame(String tract, String event, byte[] utf8) {
        return new Message(tract, event, Objects.requireNonNull(utf8, "utf8"), null, false, null);
    }

    private static Message ofNormal(Map<String, Object> fields) {
        return new Message(text(fields.get(TRACT)), text(fields.get(EVENT)), null, fields, false, null);
    }

    private static String text(Object value) {
        return value instanceof String text ? text : "";
    }

    /** The same message, marked as {@linkplain #isRedelivered() redelivered}. For the runtime, and for tests of handlers. */
    public Message asRedelivered() {
        return new Message(tract, event, utf8, fields, true, cause);
    }

    /**
     * Whether handlers may have been given it before: it was under way when the runtime ended without a stop, and was kept on
     * disk. Not a part of the message: it is neither sent nor compared.
     */
    public boolean isRedelivered() {
        return redelivered;
    }

    /**
     * The same message, known to be emitted while another was handled. For the runtime, which tells loops by it.
     *
     * @param handled the other one, with what it was emitted for
     */
    public Message causedBy(Message handled) {
        Cause its = new Cause(handled.toString(), handled.causeDepth() + 1, handled.cause);
        return new Message(tract, event, utf8, fields, redelivered, its);
    }

    /** The same message, emitted for what another one was emitted for. For a transport, which makes one of another. */
    public Message withCausesOf(Message other) {
        return other.cause == null ? this : new Message(tract, event, utf8, fields, redelivered, other.cause);
    }

    /**
     * How many events, each emitted while the one before was handled, lead to this one, as far as this runtime knows. Not a part of
     * the message: it is neither sent nor compared.
     */
    public int causeDepth() {
        return cause == null ? 0 : cause.depth();
    }

    /** Those events, as {@code tract/event}, the oldest first. */
    public List<String> causes() {
        List<String> causes = new ArrayList<>();
        for (Cause each = cause; each != null; each = each.before()) {
            causes.add(each.name());
        }
        Collections.reverse(causes);
        return List.copyOf(causes);
    }

    /** The tract; empty if the message has none. */
    public String tract() {
        return tract;
    }

    /** The event; empty if the message has none. */
    public String event() {
        return event;
    }

    /** The time stamp in milliseconds since 1970, a fraction cut off. Empty if there is none, or if it is no number. */
    public OptionalLong ts() {
        return field(TS) instanceof Number number ? OptionalLong.of(number.longValue()) : OptionalLong.empty();
    }

    /** The field, if it is a string. */
    public Optional<String> string(String name) {
        return field(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** The field, if it is a number without a fraction ({@code 1.0} has none) within the range of a {@code long}. */
    public Optional<Long> longNumber(String name) {
        return decimalNumber(name).flatMap(number -> {
            // Bounds the work: 1e999999999 is whole, but nobody wants to see its digits.
            if (number.precision() - (long) number.scale() > 19) {
                return Optional.empty();
            }
            try {
                return Optional.of(number.longValueExact());
            } catch (ArithmeticException fractionOrTooLarge) {
                return Optional.empty();
            }
        });
    }

    /** The field, if it is a number that a {@code double} holds without losing digits, {@code NaN} and the infinities included. */
    public Optional<Double> doubleNumber(String name) {
        Object value = field(name);
        if (value instanceof Double number) {
            return Optional.of(number);
        }
        if (value instanceof Long number) {
            double approximate = number;
            return (long) approximate == number && number != Long.MAX_VALUE
                    ? Optional.of(approximate)
                    : Optional.empty();
        }
        if (value instanceof BigInteger number) {
            double approximate = number.doubleValue();
            return Double.isFinite(approximate)
                            && new BigDecimal(approximate).toBigInteger().equals(number)
                    ? Optional.of(approximate)
                    : Optional.empty();
        }
        return Optional.empty();
    }

    /** The field, if it is a number, with all its digits. {@code NaN} and the infinities are none. */
    public Optional<BigDecimal> decimalNumber(String name) {
        Object value = field(name);
        if (value instanceof Long number) {
            return Optional.of(BigDecimal.valueOf(number));
        }
        if (value instanceof Double number) {
            return Double.isFinite(number) ? Optional.of(new BigDecimal(number.toString())) : Optional.empty();
        }
        if (value instanceof BigInteger number) {
            return Optional.of(new BigDecimal(number));
        }
        return value instanceof BigDecimal number ? Optional.of(number) : Optional.empty();
    }

    /** The field, if it is {@code true} or {@code false}. */
    public Optional<Boolean> bool(String name) {
        return field(name) instanceof Boolean truth ? Optional.of(truth) : Optional.empty();
    }

    /** The field, if it is an array. The list is immutable and may hold {@code null}. */
    public Optional<List<Object>> list(String name) {
        return field(name) instanceof List<?> list ? Optional.of(elements(list)) : Optional.empty();
    }

    /** The field, if it is an object, with the same getters. Its tract and event are mostly empty. */
    public Optional<Message> message(String name) {
        return field(name) instanceof Map<?, ?> map ? Optional.of(ofNormal(Json.object(map))) : Optional.empty();
    }

    /** The field's value; {@code null} if it is missing, too. */
    private Object field(String name) {
        Objects.requireNonNull(name, "name");
        return fields == null && isMissing(utf8, name) ? null : toMap().get(name);
    }

    /**
     * Whether a frame is seen to lack a field without being decoded, which takes ten times as long: without a {@code \} in it each
     * key stands there as it is, between quotes. What looks like the key may be a string, or a key further down: that is found by
     * decoding it.
     */
    private static boolean isMissing(byte[] frame, String name) {
        int last = frame.length - name.length() - 2;
        for (int i = 0; i < frame.length; i++) {
            if (frame[i] == '\\' || frame[i] == '"' && i <= last && isQuoted(frame, i + 1, name)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isQuoted(byte[] frame, int from, String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c > 0x7f) {
                return true; // for all that is known here
            }
            if (frame[from + i] != c) {
                return false;
            }
        }
        return frame[from + name.length()] == '"';
    }

    /** All fields, in their order, in the types that {@link Json} describes. Immutable; values may be {@code null}. */
    public Map<String, Object> toMap() {
        Map<String, Object> decoded = fields;
        if (decoded == null) {
            decoded = Json.parseObject(new String(utf8, StandardCharsets.UTF_8));
            fields = decoded;
        }
        return decoded;
    }

    /**
     * The message as JSON on one line. A message from the bus gives the text as it came, to the letter; {@link Json#write}
     * made any other.
     */
    public String toJson() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** What {@link #toJson()} gives, in UTF-8; read-only. */
    public ByteBuffer toUtf8() {
        return ByteBuffer.wrap(bytes()).asReadOnlyBuffer();
    }

    private byte[] bytes() {
        byte[] encoded = utf8;
        if (encoded == null) {
            encoded = Json.write(fields).getBytes(StandardCharsets.UTF_8);
            utf8 = encoded;
        }
        return encoded;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> elements(List<?> list) {
        return (List<Object>) list;
    }

    /** Whether the other one is a message with equal fields; their order does not count. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Message that && toMap().equals(that.toMap());
    }

    @Override
    public int hashCode() {
        return toMap().hashCode();
    }

    /** Tract and event, as the values of a log line that is about it; nothing of the content. */
    public KeyValues keyValues() {
        return KeyValues.of(TRACT, tract).and(EVENT, event);
    }

    /** Tract and event, for a log line; nothing of the content. */
    @Override
    public String toString() {
        return Printable.of(tract, MAX_PRINTED_NAME) + "/" + Printable.of(event, MAX_PRINTED_NAME);
    }
}
