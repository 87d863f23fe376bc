// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import org.callosum.bus.FrameScanner.Verdict;

/** What {@link FrameScanner} is measured by: it does the same with a JSON library. Reusable, not thread-safe. */
final class JacksonScanner {
    /** How deep arrays and objects may be nested, the frame's own object included. */
    private static final int MAX_DEPTH = FrameScanner.MAX_DEPTH;

    /** Longer frames get a buffer of their own, so that one of them does not occupy its memory for ever. */
    private static final int KEPT_CHARS = 1 << 16;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
            // Names come from the bus: a shared symbol table would grow with what strangers send.
            .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    // The JDK's decoder is strict: overlong forms, surrogates and what is beyond U+10FFFF are malformed to it. jackson
    // gets
    // characters, so that it has no encoding to guess (it would take UTF-16 and UTF-32) and no byte order mark to skip.
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private char[] chars = new char[1 << 12];

    private int start;
    private int end;
    private String tract;
    private String event;
    private boolean hasTs;
    private String reason;

    /**
     * Looks at one line.
     *
     * @param line holds the line
     * @param from where it begins
     * @param to where it ends: its line break is not part of it
     */
    Verdict scan(byte[] line, int from, int to) {
        start = from;
        end = to;
        tract = null;
        event = null;
        hasTs = false;
        reason = null;
        while (start < end && isWhiteSpace(line[start])) {
            start++;
        }
        while (start < end && isWhiteSpace(line[end - 1])) {
            end--;
        }
        if (start == end) {
            return Verdict.BLANK;
        }
        if (line[start] != '{') {
            return invalid("it does not begin with '{'");
        }
        int length = decode(line);
        if (length < 0) {
            return Verdict.INVALID;
        }
        if (hasLookAlikes(length)) {
            return invalid("what follows \\u are no hexadecimal digits");
        }
        try (JsonParser parser = FACTORY.createParser(chars, 0, length)) {
            return scan(parser);
        } catch (JsonProcessingException e) {
            return invalid(e.getOriginalMessage());
        } catch (IOException e) {
            throw new AssertionError("Reading from memory failed", e);
        } finally {
            if (chars.length > KEPT_CHARS) {
                chars = new char[KEPT_CHARS];
            }
        }
    }

    /** Jackson's parser of characters looks at the low byte of what follows {@code \\u} alone: U+0166 is an 'f' to it. */
    private boolean hasLookAlikes(int length) {
        for (int i = 0; i < length - 1; i++) {
            if (chars[i] == '\\' && chars[++i] == 'u') {
                for (int k = i + 1; k < Math.min(i + 5, length); k++) {
                    if (chars[k] > 0x7f) {
                        return true;
                    }
                }
            }
        }
        return false;
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

    /** Why the line is invalid. May quote it: not to be printed as it is. */
    String reason() {
        return reason;
    }

    /** Decodes the frame into {@link #chars}; gives the number of characters, or -1 if it is not UTF-8. */
    private int decode(byte[] line) {
        int bytes = end - start;
        if (chars.length < bytes) {
            chars = new char[Math.max(bytes, Math.min(2 * chars.length, KEPT_CHARS))];
        }
        CharBuffer decoded = CharBuffer.wrap(chars);
        CoderResult result = decoder.reset().decode(ByteBuffer.wrap(line, start, bytes), decoded, true);
        if (result.isError()) {
            invalid("it is not UTF-8, from byte " + (consumed(decoded) + 1) + " on");
            return -1;
        }
        return decoded.position();
    }

    /** How many bytes the characters before an error took. */
    private static int consumed(CharBuffer decoded) {
        return decoded.flip().toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private Verdict scan(JsonParser parser) throws IOException {
        parser.nextToken(); // the opening brace
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "tract" -> tract = text(parser, value); // given twice, the last one counts
                case "event" -> event = text(parser, value);
                case "ts" -> hasTs = true;
                default -> {}
            }
            if (!skip(parser, value)) {
                return invalid("'" + parser.getText() + "' is no number: write Infinity or -Infinity");
            }
        }
        if (parser.nextToken() != null) {
            return invalid("something follows the object");
        }
        if (tract == null) {
            return invalid("it has no 'tract' that is a string");
        }
        if (event == null) {
            return invalid("it has no 'event' that is a string");
        }
        return Verdict.FRAME;
    }

    private static String text(JsonParser parser, JsonToken value) throws IOException {
        return value == JsonToken.VALUE_STRING ? parser.getText() : null;
    }

    /** Goes to the end of a value; {@code false} if it stopped at a number that only jackson knows. */
    private static boolean skip(JsonParser parser, JsonToken value) throws IOException {
        int depth = 0;
        for (JsonToken token = value; ; token = parser.nextToken()) {
            switch (token) {
                case START_OBJECT, START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case VALUE_NUMBER_FLOAT -> {
                    if (parser.isNaN() && !isKnown(parser.getText())) {
                        return false;
                    }
                }
                default -> {}
            }
            if (depth == 0) {
                return true;
            }
        }
    }

    /** Whether it is one of the three that the original's parser takes. jackson also takes INF, -INF, +INF and +Infinity. */
    private static boolean isKnown(String notFinite) {
        return notFinite.equals("NaN") || notFinite.equals("Infinity") || notFinite.equals("-Infinity");
    }

    private Verdict invalid(String why) {
        reason = why;
        return Verdict.INVALID;
    }

    private static boolean isWhiteSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }
}
