// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Optional;

/**
 * The private parts of {@code java.lang} that tell what a thread holds. There is no other way to them, so they are looked at
 * only where the JVM was started to allow it, and the report says so where it was not.
 */
final class JavaLang {
    /** What to start the JVM with. */
    static final String OPTION = "--add-opens java.base/java.lang=ALL-UNNAMED";

    private final Field target;
    /** What holds the target; {@code null} on a JDK whose threads hold it themselves. */
    private final Field targetHolder;

    private final Field threadLocals;
    private final Field inheritableThreadLocals;
    private final Field table;
    private final Field value;
    private final Field supplier;
    private final Method findLoadedClass;

    private JavaLang() throws ReflectiveOperationException {
        targetHolder = fieldIfAny(Thread.class, "holder"); // since 19
        target = targetHolder == null ? field(Thread.class, "target") : field(targetHolder.getType(), "task");
        threadLocals = field(Thread.class, "threadLocals");
        inheritableThreadLocals = field(Thread.class, "inheritableThreadLocals");
        table = field(threadLocals.getType(), "table");
        value = field(table.getType().getComponentType(), "value");
        supplier = field(Class.forName("java.lang.ThreadLocal$SuppliedThreadLocal"), "supplier");
        findLoadedClass = ClassLoader.class.getDeclaredMethod("findLoadedClass", String.class);
        findLoadedClass.setAccessible(true);
    }

    /** What this JVM allows to look at; empty if it does not. */
    static Optional<JavaLang> open() {
        Module base = Thread.class.getModule();
        if (!base.isOpen(Thread.class.getPackageName(), JavaLang.class.getModule())) {
            return Optional.empty();
        }
        try {
            return Optional.of(new JavaLang());
        } catch (ReflectiveOperationException e) {
            return Optional.empty(); // a JDK that is made otherwise
        }
    }

    /** What the thread was made to run; {@code null} if it is over, or runs itself. */
    Object target(Thread thread) {
        return get(target, targetHolder == null ? thread : get(targetHolder, thread));
    }

    /** The entries of the thread's own and inherited locals: each a weak reference to its key, or {@code null}. */
    Object[][] threadLocals(Thread thread) {
        return new Object[][] {table(get(threadLocals, thread)), table(get(inheritableThreadLocals, thread))};
    }

    /** The value of one of those entries. */
    Object value(Object entry) {
        return get(value, entry);
    }

    /** What a thread local gets its first values from; {@code null} if it was not made with such a thing. */
    Object supplier(ThreadLocal<?> local) {
        return supplier.getDeclaringClass().isInstance(local) ? get(supplier, local) : null;
    }

    /** The class of that name, if the class loader has defined it already; {@code null} if not. */
    Class<?> loaded(ClassLoader loader, String name) {
        try {
            Class<?> found = (Class<?>) findLoadedClass.invoke(loader, name);
            return found != null && found.getClassLoader() == loader ? found : null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object[] table(Object map) {
        Object[] entries = map == null ? null : (Object[]) get(table, map);
        return entries == null ? new Object[0] : entries;
    }

    private static Object get(Field field, Object from) {
        try {
            return from == null ? null : field.get(from);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e); // it was made accessible
        }
    }

    private static Field fieldIfAny(Class<?> type, String name) {
        try {
            return field(type, name);
        } catch (NoSuchFieldException e) {
            return null;
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
