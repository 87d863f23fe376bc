// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * Finds an object of a class loader in a value: the value itself, or what an array or a collection of the JDK holds, a few
 * levels down. Objects that are not the JDK's are not looked into, and no method of theirs is called.
 */
final class HeldValues {
    private static final int DEPTH = 4;
    private static final int MAX_ELEMENTS = 1_000;

    private final ClassLoader loader;
    private int left;

    private HeldValues(ClassLoader loader) {
        this.loader = loader;
        this.left = MAX_ELEMENTS;
    }

    /** The class of the first object found that is the class loader's; the class loader's own if it is that itself. */
    static Optional<Class<?>> find(Object value, ClassLoader loader) {
        return Optional.ofNullable(new HeldValues(loader).find(value, DEPTH));
    }

    private Class<?> find(Object value, int depth) {
        if (value == null || left-- <= 0) {
            return null;
        }
        if (value == loader || value.getClass().getClassLoader() == loader) {
            return value.getClass();
        }
        if (value instanceof Class<?> type) {
            return type.getClassLoader() == loader ? type : null;
        }
        return depth == 0 ? null : findWithin(value, depth - 1);
    }

    private Class<?> findWithin(Object value, int depth) {
        if (value instanceof Object[] array) {
            return first(Arrays.asList(array).iterator(), depth);
        }
        if (!value.getClass().getName().startsWith("java.util.")) {
            return null;
        }
        try {
            if (value instanceof Collection<?> collection) {
                return first(collection.iterator(), depth);
            }
            if (value instanceof Map<?, ?> map) {
                Class<?> key = first(map.keySet().iterator(), depth);
                return key == null ? first(map.values().iterator(), depth) : key;
            }
            return value instanceof Optional<?> optional ? find(optional.orElse(null), depth) : null;
        } catch (RuntimeException e) {
            return null; // it was changed meanwhile: it is another thread's
        }
    }

    private Class<?> first(Iterator<?> elements, int depth) {
        while (elements.hasNext() && left > 0) {
            Class<?> found = find(elements.next(), depth);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
