// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.LinkedHashMap;
import java.util.Map;

/** Objects for JSON, with their fields in the order in which they are given; a value may be {@code null}. */
final class Fields {
    private Fields() {}

    /** Names and values by turns. */
    static Map<String, Object> of(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
