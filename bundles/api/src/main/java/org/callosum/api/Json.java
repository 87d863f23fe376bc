// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;

/**
 * Reads and writes JSON as the bus speaks it: RFC 8259, and {@code NaN}, {@code Infinity} and {@code -Infinity}.
 *
 * <p>Values in Java: a string is a {@code String}; a whole number a {@code Long}, else a {@code BigInteger}; another
 * number a {@code Double}, or a {@code BigDecimal} where a double would lose digits ({@code 1e400}); {@code NaN} and the
 * infinities are {@code Double}s; an array is a {@code List}, an object a {@code Map} in the order of its keys, where of
 * two equal keys the last counts; {@code null} is {@code null}. All of it is immutable. A number whose exponent has more
 * than nine digits has no {@code BigDecimal}: it is read as the nearest {@code Double}, as the original does.
 *
 * <p>Thread-safe.
 */
public final class Json {
    /** How deep arrays and objects may be nested. */
    static final int MAX_DEPTH = 1_000;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
            // Names come from the bus: a shared symbol table would grow with what strangers send.
            .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .build();

    private Json() {}

    /**
     * Reads one JSON value.
     *
     * @param json the text, with nothing but white space around the value
     * @return the value, as the class comment says; {@code null} for {@code null}
     * @throws IllegalArgumentException if it is not JSON, or nested deeper than 1,000; the message says where
     */
    public static Object parse(String json) {
        requireHexDigits(json);
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() == null) {
                throw new IllegalArgumentException("Not JSON: the text is empty");
            }
            Object value = read(parser);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("Not JSON: something follows the value, at "
                        + parser.currentLocation().offsetDescription());
            }
            return value;
        } catch (JacksonException e) {
            // Its own message goes on, on a second line, about a source that it does not show.
            throw new IllegalArgumentException("Not JSON: " + e.getOriginalMessage() + place(e.getLocation()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a string does not fail
        }
    }

    /** Jackson's parser of characters looks at the low byte of what follows {@code \\u} alone: U+0166 is an 'f' to it. */
    private static void requireHexDigits(String json) {
        for (int i = json.indexOf('\\'); i >= 0; i = json.indexOf('\\', i + 2)) {
            if (json.startsWith("u", i + 1)) {
                for (int k = i + 2; k < Math.min(i + 6, json.length()); k++) {
                    if (json.charAt(k) > 0x7f) {
                        throw new IllegalArgumentException(
                                "Not JSON: four hexadecimal digits have to follow \\u, at char offset #" + k);
                    }
                }
            }
        }
    }

    private static String place(JsonLocation location) {
        return location == null ? "" : ", at " + location.offsetDescription();
    }

    /**
     * Reads one JSON object.
     *
     * @param json the text, with nothing but white space around the object
     * @return its fields, in their order; immutable
     * @throws IllegalArgumentException if it is not JSON, not an object, or nested deeper than 1,000
     */
    public static Map<String, Object> parseObject(String json) {
        if (parse(json) instanceof Map<?, ?> map) {
            return object(map);
        }
        throw new IllegalArgumentException("Not a JSON object");
    }

    /**
     * Writes a value on one line, without white space.
     *
     * @param value {@code null}, or of the types that {@link Message#of(String, String, Map)} takes
     * @throws IllegalArgumentException if JSON has no form for it
     */
    public static String write(Object value) {
        return write(value, 0);
    }

    /**
     * Writes a value, each field and element on a line of its own.
     *
     * @param value {@code null}, or of the types that {@link Message#of(String, String, Map)} takes
     * @param indent spaces per level, 0 to 16; 0 writes all on one line
     * @throws IllegalArgumentException if JSON has no form for the value
     */
    public static String write(Object value, int indent) {
        if (indent < 0 || indent > 16) {
            throw new IllegalArgumentException("Indent " + indent + " is out of range: 0 to 16 spaces");
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            if (indent > 0) {
                generator.setPrettyPrinter(pretty(indent));
            }
            write(generator, normalize(value, "value", 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter does not fail
        }
        return escapeLoneSurrogates(text.toString());
    }

    /**
     * A deep, immutable copy in which each value has the type that reading it from JSON would give.
     *
     * @param path where the value is, for the error's message
     */
    static Object normalize(Object value, String path, int depth) {
        if (value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Long
                || value instanceof Double) {
            return value;
        }
        if (depth >= MAX_DEPTH) {
            throw new IllegalArgumentException("Value is nested deeper than " + MAX_DEPTH + " levels");
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof Float number) {
            return Double.valueOf(number.toString());
        }
        if (value instanceof BigInteger number) {
            return narrow(number);
        }
        if (value instanceof BigDecimal number) {
            return narrow(number);
        }
        if (value instanceof CharSequence || value instanceof Character || value instanceof Enum<?>) {
            return value.toString();
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>(map.size() * 2);
            map.forEach((key, element) -> {
                if (!(key instanceof String name)) {
                    throw new IllegalArgumentException("A key of " + path + " is "
                            + (key == null ? "null" : "a " + key.getClass().getName()) + ": JSON keys are strings");
                }
                copy.put(name, normalize(element, name, depth + 1));
            });
            return Collections.unmodifiableMap(copy);
        }
        if (value instanceof Collection<?> collection) {
            List<Object> copy = new ArrayList<>(collection.size());
            for (Object element : collection) {
                copy.add(normalize(element, path, depth + 1));
            }
            return Collections.unmodifiableList(copy);
        }
        if (value instanceof Object[] array) {
            return normalize(Arrays.asList(array), path, depth);
        }
        if (value instanceof int[] array) {
            return normalize(Arrays.stream(array).boxed().toList(), path, depth);
        }
        if (value instanceof long[] array) {
            return normalize(Arrays.stream(array).boxed().toList(), path, depth);
        }
        if (value instanceof double[] array) {
            return normalize(Arrays.stream(array).boxed().toList(), path, depth);
        }
        throw new IllegalArgumentException(
                "Field '" + path + "' is a " + value.getClass().getName()
                        + ": JSON takes strings, numbers, booleans, null, lists, arrays and maps; convert it first");
    }

    /** Views a map that {@link #normalize} or {@link #parse} made with its type. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    private static Object read(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    Object value = read(parser);
                    int size = object.size();
                    object.put(name, value);
                    if (object.size() == size) { // a key given twice stands where its last value stood
                        object.remove(name);
                        object.put(name, value);
                    }
                }
                yield Collections.unmodifiableMap(object);
            }
            case START_ARRAY -> {
                List<Object> array = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(read(parser));
                }
                yield Collections.unmodifiableList(array);
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> whole(parser);
            case VALUE_NUMBER_FLOAT -> decimal(parser.getText());
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NULL -> null;
            default -> throw new IllegalStateException("Unexpected token " + parser.currentToken());
        };
    }

    private static Object whole(JsonParser parser) throws IOException {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? parser.getBigIntegerValue()
                : (Object) parser.getLongValue();
    }

    private static Object decimal(String text) {
        switch (text) {
            case "NaN":
                return Double.NaN;
            case "Infinity":
                return Double.POSITIVE_INFINITY;
            case "-Infinity":
                return Double.NEGATIVE_INFINITY;
            case "INF", "+INF", "-INF", "+Infinity":
                throw new IllegalArgumentException(
                        "Not JSON: '" + text + "' is no number, write Infinity or -Infinity");
            default:
        }
        double number = Double.parseDouble(text);
        try {
            BigDecimal exact = new BigDecimal(text);
            return isExact(number, exact) ? number : (Object) exact;
        } catch (NumberFormatException exponentTooLarge) {
            return number;
        }
    }

    private static Object narrow(BigDecimal number) {
        double approximate = number.doubleValue();
        return isExact(approximate, number) ? approximate : number;
    }

    private static Object narrow(BigInteger number) {
        return number.bitLength() < Long.SIZE ? number.longValue() : number;
    }

    /** Whether the shortest text that gives the double back has all the digits. */
    private static boolean isExact(double approximate, BigDecimal exact) {
        return Double.isFinite(approximate) && new BigDecimal(Double.toString(approximate)).compareTo(exact) == 0;
    }

    private static void write(JsonGenerator generator, Object value) throws IOException {
        if (value == null) {
            generator.writeNull();
        } else if (value instanceof String text) {
            generator.writeString(text);
        } else if (value instanceof Boolean truth) {
            generator.writeBoolean(truth);
        } else if (value instanceof Long number) {
            generator.writeNumber(number);
        } else if (value instanceof Double number) {
            generator.writeNumber(number);
        } else if (value instanceof BigInteger number) {
            generator.writeNumber(number);
        } else if (value instanceof BigDecimal number) {
            generator.writeNumber(number);
        } else if (value instanceof List<?> list) {
            generator.writeStartArray();
            for (Object element : list) {
                write(generator, element);
            }
            generator.writeEndArray();
        } else if (value instanceof Map<?, ?> map) {
            generator.writeStartObject();
            for (Map.Entry<?, ?> field : map.entrySet()) {
                generator.writeFieldName((String) field.getKey());
                write(generator, field.getValue());
            }
            generator.writeEndObject();
        }
    }

    private static DefaultPrettyPrinter pretty(int indent) {
        DefaultIndenter indenter = new DefaultIndenter(" ".repeat(indent), "\n");
        return new DefaultPrettyPrinter(Separators.createDefaultInstance()
                        .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                        .withObjectEmptySeparator("")
                        .withArrayEmptySeparator(""))
                .withObjectIndenter(indenter)
                .withArrayIndenter(indenter);
    }

    /** A surrogate without its other half has no UTF-8 form; as an escape it survives, as it came. */
    private static String escapeLoneSurrogates(String json) {
        StringBuilder escaped = null;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < json.length()
                    && Character.isLowSurrogate(json.charAt(i + 1));
            if (Character.isSurrogate(c) && !pair) {
                if (escaped == null) {
                    escaped = new StringBuilder(json.length() + 16).append(json, 0, i);
                }
                escaped.append(String.format("\\u%04x", (int) c));
            } else if (escaped != null) {
                escaped.append(c);
                if (pair) {
                    escaped.append(json.charAt(i + 1));
                }
            }
            if (pair) {
                i++;
            }
        }
        return escaped == null ? json : escaped.toString();
    }
}
