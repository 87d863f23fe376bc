// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.probe;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns the runtime's values into the JDK's, which a test outside the framework can read: a record becomes a map. */
public final class Plain {
    private Plain() {}

    /** A record as a map of its components, a list of them as a list of maps, a choice as its name. */
    public static Object of(Object value) {
        if (value instanceof Record record) {
            return of(record);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Plain::of).toList();
        }
        if (value instanceof Optional<?> optional) {
            return optional.map(Plain::of);
        }
        return value instanceof Enum<?> choice ? choice.name() : value;
    }

    /** A record's components, by name. */
    public static Map<String, Object> of(Record record) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                values.put(component.getName(), of(component.getAccessor().invoke(record)));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("Component " + component + " cannot be read", e);
            }
        }
        return values;
    }
}
