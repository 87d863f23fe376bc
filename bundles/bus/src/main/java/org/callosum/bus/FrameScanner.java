// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;

import org.callosum.api.KeyValues;
import org.callosum.api.Message;

/**
 * Decides what one line of the wire is, and finds in it what the bus has to know: tract, event, and whether there is a
 * time stamp. The rules are those of {@code protocol.md}, rows 'frame' to 'invalid frame'.
 *
 * <p>It goes over the bytes once and makes no object but for a name that it has not seen lately. A JSON library took
 * nearly half of the time that the bus has for a message; a test compares the two.
 *
 * <p>Reusable: {@link #scan} sets the answers, which stand until the next one. Not thread-safe.
 */
final class FrameScanner {
    /** What a line is. */
    enum Verdict {
        /** A frame: {@link #tract()}, {@link #event()} and {@link #hasTs()} are set. */
        FRAME,
        /** Nothing but white space: to be ignored. */
        BLANK,
        /** Not a frame: {@link #reason()} is set. */
        INVALID
    }

    /** How deep arrays and objects may be nested, the frame's own object included. */
    static final int MAX_DEPTH = 1_000;

    private static final byte[] TRACT = ascii("tract");
    private static final byte[] EVENT = ascii("event");
    private static final byte[] TS = ascii("ts");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NULL = ascii("null");
    private static final byte[] NOT_A_NUMBER = ascii("NaN");
    private static final byte[] INFINITY = ascii("Infinity");

    private final NameCache tracts = new NameCache();
    private final NameCache events = new NameCache();

    /** Whether what is open at this depth is an object; else it is an array. */
    private final boolean[] isObject = new boolean[MAX_DEPTH + 1];

    private byte[] line;
    private int start;
    private int end;

    /** The next byte to look at. */
    private int at;

    /** Whether the last string was ASCII without escapes. */
    private boolean isPlain;

    private String tract;
    private String event;
    private boolean hasTs;
    private String reason;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Looks at one line.
     *
     * @param bytes holds the line
     * @param from where it begins
     * @param to where it ends: its line break is not part of it
     */
    Verdict scan(byte[] bytes, int from, int to) {
        line = bytes;
        start = from;
        end = to;
        tract = null;
        event = null;
        hasTs = false;
        reason = null;
        try {
            while (start < end && isWhiteSpace(line[start])) {
                start++;
            }
            while (start < end && isWhiteSpace(line[end - 1])) {
                end--;
            }
            if (start == end) {
                return Verdict.BLANK;
            }
            return isFrame() ? Verdict.FRAME : Verdict.INVALID;
        } finally {
            line = null; // its owner may have done with it long before the next one comes
        }
    }

    /** Where the frame begins in the array that was scanned, the white space before it left out. */
    int start() {
        return start;
    }

    /** Where the frame ends, the white space after it left out: its last byte is the closing brace. */
    int end() {
        return end;
    }

    /** The frame's tract. */
    String tract() {
        return tract;
    }

    /** The frame's event. */
    String event() {
        return event;
    }

    /** Whether the frame has a {@code ts}, of whatever type. */
    boolean hasTs() {
        return hasTs;
    }

    /** Why the line is invalid. Quotes nothing of it. */
    String reason() {
        return reason;
    }

    /** What the end of a log line names an invalid line by: its names as far as they were found, and what is wrong with it. */
    KeyValues keyValues() {
        return KeyValues.of(Message.TRACT, tract).and(Message.EVENT, event).and("reason", reason);
    }

    // What follows looks at the byte 'at' and what is behind it, and leaves 'at' behind what it has found; or gives
    // false, and
    // has said why.

    private boolean isFrame() {
        at = start;
        if (line[at++] != '{') {
            return fail("it does not begin with '{'");
        }
        if (next() == '}') {
            at++;
        } else if (!members()) {
            return false;
        }
        if (at != end) {
            return failAt("nothing but the end is expected");
        }
        if (tract == null) {
            return fail("it has no 'tract' that is a string");
        }
        if (event == null) {
            return fail("it has no 'event' that is a string");
        }
        return true;
    }

    /** The frame's own members, up to its closing brace. */
    private boolean members() {
        while (true) {
            next();
            int nameStart = at + 1;
            if (!name()) {
                return false;
            }
            int nameEnd = at - 1;
            boolean isNamePlain = isPlain;
            if (!colon()) {
                return false;
            }
            byte first = next();
            int valueStart = at + 1;
            if (!value(first)) {
                return false;
            }
            if (is(TRACT, nameStart, nameEnd, isNamePlain)) { // given twice, the last one counts
                tract = first == '"' ? text(valueStart, at - 1, isPlain, tracts) : null;
            } else if (is(EVENT, nameStart, nameEnd, isNamePlain)) {
                event = first == '"' ? text(valueStart, at - 1, isPlain, events) : null;
            } else if (is(TS, nameStart, nameEnd, isNamePlain)) {
                hasTs = true;
            }
            byte behind = next();
            if (behind == '}') {
                at++;
                return true;
            }
            if (behind != ',') {
                return failAt("',' or '}' is expected");
            }
            at++;
        }
    }

    /** A value with all that is in it. The stack is an array: what strangers send must not overflow that of the thread. */
    private boolean value(byte first) {
        byte c = first;
        int depth = 1;
        while (true) {
            if (c == '{' || c == '[') {
                if (++depth > MAX_DEPTH) {
                    return failAt("it is nested more than " + MAX_DEPTH + " deep");
                }
                isObject[depth] = c == '{';
                at++;
                if (next() == closing(depth)) {
                    at++;
                    depth--;
                } else {
                    if (isObject[depth] && !(name() && colon())) {
                        return false;
                    }
                    c = next();
                    continue;
                }
            } else if (!scalar(c)) {
                return false;
            }
            while (depth > 1 && next() == closing(depth)) {
                at++;
                depth--;
            }
            if (depth == 1) {
                return true;
            }
            if (next() != ',') {
                return failAt("',' or '" + closing(depth) + "' is expected");
            }
            at++;
            next();
            if (isObject[depth] && !(name() && colon())) {
                return false;
            }
            c = next();
        }
    }

    private char closing(int depth) {
        return isObject[depth] ? '}' : ']';
    }

    private boolean scalar(byte first) {
        return switch (first) {
            case '"' -> {
                at++;
                yield string();
            }
            case '-' -> {
                at++;
                yield byteAt(at) == 'I' ? literal(INFINITY) : number();
            }
            case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            case 't' -> literal(TRUE);
            case 'f' -> literal(FALSE);
            case 'n' -> literal(NULL);
            case 'N' -> literal(NOT_A_NUMBER);
            case 'I' -> literal(INFINITY);
            default -> failAt("a value is expected");
        };
    }

    private boolean name() {
        if (byteAt(at) != '"') {
            return failAt("a name in '\"' is expected");
        }
        at++;
        return string();
    }

    private boolean colon() {
        if (next() != ':') {
            return failAt("':' is expected");
        }
        at++;
        return true;
    }

    private boolean literal(byte[] text) {
        for (byte each : text) {
            if (byteAt(at) != each) {
                return failAt("'" + new String(text, StandardCharsets.US_ASCII) + "' is expected");
            }
            at++;
        }
        return true;
    }

    /** A number without its sign. */
    private boolean number() {
        if (byteAt(at) == '0') {
            at++;
        } else if (!digits()) {
            return false;
        }
        if (byteAt(at) == '.') {
            at++;
            if (!digits()) {
                return false;
            }
        }
        if (byteAt(at) == 'e' || byteAt(at) == 'E') {
            at++;
            if (byteAt(at) == '+' || byteAt(at) == '-') {
                at++;
            }
            return digits();
        }
        return true;
    }

    private boolean digits() {
        byte[] bytes = line;
        int first = at;
        int i = first;
        while (i < end && bytes[i] >= '0' && bytes[i] <= '9') {
            i++;
        }
        at = i;
        return i > first || failAt("a digit is expected");
    }

    /** The rest of a string, its opening quote left out. */
    private boolean string() {
        isPlain = true;
        while (true) {
            skipPlain();
            byte c = byteAt(at);
            if (c == '"') {
                at++;
                return true;
            }
            if (c == '\\') {
                isPlain = false;
                if (!escape()) {
                    return false;
                }
            } else if (c < 0) {
                isPlain = false;
                if (!beyondAscii()) {
                    return false;
                }
            } else if (c >= ' ') {
                at++;
            } else {
                return failAt("a string has to end, and a control character in it to be escaped");
            }
        }
    }

    /** Goes over most of what needs no second look, eight bytes at a time. */
    private void skipPlain() {
        byte[] bytes = line;
        int i = at;
        int last = end - Long.BYTES;
        while (i <= last) {
            long special = EightBytes.endOfPlainText(EightBytes.of(bytes, i));
            if (special != 0) {
                i += EightBytes.before(special);
                break;
            }
            i += Long.BYTES;
        }
        at = i;
    }

    private boolean escape() {
        at++;
        switch (byteAt(at)) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at++;
            case 'u' -> {
                at++;
                for (int i = 0; i < 4; i++, at++) {
                    if (Character.digit(byteAt(at), 16) < 0) {
                        return failAt("a hexadecimal digit is expected");
                    }
                }
            }
            default -> {
                return failAt("what a backslash may stand before is expected");
            }
        }
        return true;
    }

    /** A character of more than one byte: table 3-7 of the Unicode standard. */
    private boolean beyondAscii() {
        int lead = line[at] & 0xff;
        int bytes;
        int least = 0x80; // of the second
        int most = 0xbf;
        if (lead < 0xc2 || lead > 0xf4) {
            return failUtf8();
        } else if (lead < 0xe0) {
            bytes = 2;
        } else if (lead < 0xf0) {
            bytes = 3;
            least = lead == 0xe0 ? 0xa0 : least;
            most = lead == 0xed ? 0x9f : most;
        } else {
            bytes = 4;
            least = lead == 0xf0 ? 0x90 : least;
            most = lead == 0xf4 ? 0x8f : most;
        }
        int second = byteAt(at + 1) & 0xff;
        if (second < least || second > most) {
            return failUtf8();
        }
        for (int i = 2; i < bytes; i++) {
            if ((byteAt(at + i) & 0xc0) != 0x80) {
                return failUtf8();
            }
        }
        at += bytes;
        return true;
    }

    /** Skips white space; gives the byte behind it, 0 at the end. */
    private byte next() {
        while (at < end && isWhiteSpace(line[at])) {
            at++;
        }
        return byteAt(at);
    }

    private byte byteAt(int index) {
        return index < end ? line[index] : 0; // which is allowed nowhere
    }

    private boolean is(byte[] name, int from, int to, boolean isNamePlain) {
        if (!isNamePlain) {
            return unescaped(from, to).equals(new String(name, StandardCharsets.US_ASCII));
        }
        if (to - from != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (line[from + i] != name[i]) {
                return false;
            }
        }
        return true;
    }

    /** A string's text. */
    private String text(int from, int to, boolean isTextPlain, NameCache cache) {
        return isTextPlain ? cache.get(line, from, to) : unescaped(from, to);
    }

    private String unescaped(int from, int to) {
        return unescaped(new String(line, from, to - from, StandardCharsets.UTF_8));
    }

    private static String unescaped(String text) {
        StringBuilder unescaped = new StringBuilder(text.length());
        int from = 0;
        for (int i = text.indexOf('\\'); i >= 0; i = text.indexOf('\\', from)) {
            unescaped.append(text, from, i);
            char escaped = text.charAt(i + 1);
            from = i + 2;
            switch (escaped) {
                case 'b' -> unescaped.append('\b');
                case 'f' -> unescaped.append('\f');
                case 'n' -> unescaped.append('\n');
                case 'r' -> unescaped.append('\r');
                case 't' -> unescaped.append('\t');
                case 'u' -> {
                    unescaped.append((char) Integer.parseInt(text, from, from + 4, 16));
                    from += 4;
                }
                default -> unescaped.append(escaped);
            }
        }
        return unescaped.append(text, from, text.length()).toString();
    }

    private boolean failUtf8() {
        return fail("it is not UTF-8, from byte " + (at - start + 1) + " on");
    }

    private boolean failAt(String expected) {
        return fail("at byte " + (at - start + 1) + ", " + expected);
    }

    private boolean fail(String why) {
        reason = why;
        return false;
    }

    private static boolean isWhiteSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }
}
