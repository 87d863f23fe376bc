// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.observer;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.callosum.api.Json;
import org.callosum.journal.JournalFolder;

/**
 * An observer, as its record describes it.
 *
 * @param prefix what its file and its folder are called: the first 8 characters of its key (a shorter key is the prefix
 *     itself), or the first 16 hex digits of its fingerprint
 * @param name what messages call it
 * @param createdAt when its record was made, as a number that grows with time; 0 if the record does not say
 */
record Observer(String prefix, String name, double createdAt) {
    /** The ending of a record's file. */
    static final String ENDING = ".json";

    private static final int KEY_PREFIX = 8;
    private static final Pattern FINGERPRINT = Pattern.compile("sha256:([0-9a-f]{16})[0-9a-f]{48}");

    /**
     * Reads a record.
     *
     * @param file the name of its file
     * @param json its text
     * @throws IllegalArgumentException if it is no observer's record, or another observer's; the message says why
     */
    static Observer parse(String file, String json) {
        Map<String, Object> fields = Json.parseObject(json);
        String prefix = prefix(fields.get("key"), fields.get("fingerprint"));
        if (!file.equals(prefix + ENDING)) {
            // Not what the prefix is: a key is a secret, and its beginning is part of it.
            throw new IllegalArgumentException("Its 'key' or 'fingerprint' belongs to a file of another name");
        }
        if (!(fields.get("name") instanceof String name)) {
            throw new IllegalArgumentException("It has no 'name'");
        }
        double createdAt = fields.get("created_at") instanceof Number number ? number.doubleValue() : 0;
        return new Observer(prefix, name, createdAt);
    }

    private static String prefix(Object key, Object fingerprint) {
        if (key instanceof String text && fingerprint == null) {
            String prefix = text.substring(0, Math.min(KEY_PREFIX, text.length()));
            if (!JournalFolder.isName(prefix)) {
                throw new IllegalArgumentException("Its 'key' begins with what cannot be a folder's name");
            }
            return prefix;
        }
        if (fingerprint instanceof String text && key == null) {
            Matcher matcher = FINGERPRINT.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("Its 'fingerprint' is not 'sha256:' and 64 lower-case hex digits");
            }
            return matcher.group(1);
        }
        throw new IllegalArgumentException("It has to have exactly one of 'key' and 'fingerprint', a string");
    }

    /** The name of its record's file. */
    String file() {
        return prefix + ENDING;
    }
}
