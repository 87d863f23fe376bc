// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;

/**
 * JSON's values, with nothing of a number lost: a string is a {@code String}, an array a {@code List}, an object a {@code Map} in
 * the order of its names, where of equal ones the last counts; all else is a {@link Literal}.
 */
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(2_000)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private JsonText() {}

    /**
     * A number, {@code true}, {@code false} or {@code null}.
     *
     * @param text as it is written
     */
    record Literal(String text) {}

    /** The members of the object that the text is. */
    static Map<String, Object> object(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            Object value = value(parser, parser.nextToken());
            if (!(value instanceof Map) || parser.nextToken() != null) {
                throw new AssertionError("Not one object: " + text);
            }
            @SuppressWarnings("unchecked") // the names are what is read here
            Map<String, Object> object = (Map<String, Object>) value;
            return object;
        } catch (IOException e) {
            throw new AssertionError("Not JSON: " + (text.length() > 500 ? text.substring(0, 500) + "…" : text), e);
        }
    }

    private static Object value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Object> members = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    members.put(name, value(parser, parser.nextToken()));
                }
                yield members;
            }
            case START_ARRAY -> {
                List<Object> elements = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    elements.add(value(parser, next));
                }
                yield elements;
            }
            case VALUE_STRING -> parser.getText();
            default -> new Literal(parser.getText());
        };
    }

    /** The names of all objects in a value, in their order: what {@code Map.equals} does not look at. */
    static List<String> names(Object value) {
        List<String> names = new ArrayList<>();
        collect(value, names);
        return names;
    }

    private static void collect(Object value, List<String> names) {
        if (value instanceof Map<?, ?> members) {
            members.forEach((name, member) -> {
                names.add((String) name);
                collect(member, names);
            });
        } else if (value instanceof List<?> elements) {
            elements.forEach(element -> collect(element, names));
        }
    }
}
