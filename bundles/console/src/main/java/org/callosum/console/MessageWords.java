// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.console;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.api.Printable;

/**
 * A message as a person types it: {@code <tract> <event> [key=value …]}, or one JSON object. A value that can be read as
 * JSON is that value, and any other is a string: {@code n=5} is a number, {@code n='"5"'} and {@code name=five} are
 * strings.
 */
public final class MessageWords {
    private static final int MAX_SHOWN = 60;

    private MessageWords() {}

    /**
     * The message that these words say.
     *
     * @param words at least one
     * @throws IllegalArgumentException if they say none; the message names the word and what was expected
     */
    public static Message message(List<String> words) {
        return words.size() == 1 ? object(words.get(0)) : fields(words);
    }

    private static Message object(String word) {
        if (!word.stripLeading().startsWith("{")) {
            throw new IllegalArgumentException(
                    quoted(word) + " alone is no message: give a tract and an event, or a JSON object with both");
        }
        Message message = Message.parse(word);
        for (String name : List.of(Message.TRACT, Message.EVENT)) {
            if (message.string(name).isEmpty()) {
                throw new IllegalArgumentException("Not a message: '" + name + "' is "
                        + (message.toMap().containsKey(name) ? "not a string" : "missing"));
            }
        }
        return message;
    }

    private static Message fields(List<String> words) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (String word : words.subList(2, words.size())) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException(quoted(word) + " is not a field: write key=value");
            }
            String key = word.substring(0, equals);
            if (fields.containsKey(key)) {
                throw new IllegalArgumentException("Field " + quoted(key) + " is given twice");
            }
            fields.put(key, value(word.substring(equals + 1)));
        }
        return Message.of(words.get(0), words.get(1), fields);
    }

    private static Object value(String text) {
        try {
            return Json.parse(text);
        } catch (IllegalArgumentException notJson) {
            return text;
        }
    }

    private static String quoted(String word) {
        return "'" + Printable.of(word, MAX_SHOWN) + "'";
    }
}
