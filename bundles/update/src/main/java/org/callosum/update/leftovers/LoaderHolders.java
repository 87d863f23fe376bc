// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.lang.ref.Reference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.update.Leftover.Holder;
import org.callosum.update.Leftover.Kind;

/**
 * Finds the threads that refer to a class loader: by what they are, what they run, their context class loader, or their
 * thread locals. What refers to it from a static field or another object is not found.
 */
final class LoaderHolders {
    /** {@code null} if this JVM does not allow it. */
    private final JavaLang javaLang;

    /** Why a worker of the runtime is still held, by its name. */
    private final Map<String, String> hungHandlers;

    /** The threads that were there before the new version was: a frame is known by its class's name alone. */
    private final Set<Long> threadsBefore;

    LoaderHolders(JavaLang javaLang, Map<String, String> hungHandlers, Set<Long> threadsBefore) {
        this.javaLang = javaLang;
        this.hungHandlers = hungHandlers;
        this.threadsBefore = threadsBefore;
    }

    /** All threads that refer to the class loader, by name. */
    List<Holder> find(ClassLoader loader) {
        List<Holder> holders = new ArrayList<>();
        Map<Thread, StackTraceElement[]> threads =
                new TreeMap<>(Comparator.comparing(Thread::getName).thenComparing(Thread::getId));
        threads.putAll(Thread.getAllStackTraces());
        threads.forEach((thread, stack) -> add(holders, thread, stack, loader));
        return holders;
    }

    private void add(List<Holder> holders, Thread thread, StackTraceElement[] stack, ClassLoader loader) {
        Optional<String> top = stack.length == 0 ? Optional.empty() : Optional.of(stack[0].toString());
        List<String> runs = runs(thread, stack, loader);
        boolean isContext = thread.getContextClassLoader() == loader;
        if (!runs.isEmpty()) {
            if (isContext) {
                runs.add("its context class loader is that one");
            }
            String hung = hungHandlers.get(thread.getName());
            if (hung != null) {
                runs.add(0, hung);
            }
            Kind kind = hung == null ? Kind.THREAD : Kind.HUNG_HANDLER;
            holders.add(new Holder(kind, thread.getName(), String.join(", ", runs), top));
        } else if (isContext) {
            holders.add(new Holder(
                    Kind.CONTEXT_CLASS_LOADER, thread.getName(), "its context class loader is that one", top));
        }
        for (String local : threadLocals(thread, loader)) {
            holders.add(new Holder(Kind.THREAD_LOCAL, thread.getName(), local, top));
        }
    }

    /** In what way the thread runs code of the class loader. */
    private List<String> runs(Thread thread, StackTraceElement[] stack, ClassLoader loader) {
        List<String> runs = new ArrayList<>();
        if (thread.getClass().getClassLoader() == loader) {
            runs.add("its class is " + named(thread.getClass()));
        }
        if (javaLang != null) {
            Object target = javaLang.target(thread);
            if (target != null && target.getClass().getClassLoader() == loader) {
                runs.add("its target is " + named(target.getClass()));
            }
            if (threadsBefore.contains(thread.getId())) {
                Arrays.stream(stack)
                        .filter(frame -> javaLang.loaded(loader, frame.getClassName()) != null)
                        .filter(frame -> others(thread, target, loader)
                                .noneMatch(other -> javaLang.loaded(other, frame.getClassName()) != null))
                        .findFirst()
                        .ifPresent(frame -> runs.add("it runs " + frame));
            }
        }
        return runs;
    }

    /** Class loaders that a frame of the thread may be of as well: those of other versions have classes of the same names. */
    private static Stream<ClassLoader> others(Thread thread, Object target, ClassLoader loader) {
        return Stream.of(
                        thread.getClass().getClassLoader(),
                        thread.getContextClassLoader(),
                        target == null ? null : target.getClass().getClassLoader())
                .filter(other -> other != null && other != loader);
    }

    private List<String> threadLocals(Thread thread, ClassLoader loader) {
        List<String> found = new ArrayList<>();
        if (javaLang == null) {
            return found;
        }
        for (Object[] table : javaLang.threadLocals(thread)) {
            for (Object entry : table) {
                if (entry != null) {
                    threadLocal(entry, loader).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private Optional<String> threadLocal(Object entry, ClassLoader loader) {
        ThreadLocal<?> key = (ThreadLocal<?>) ((Reference<?>) entry).get();
        Object supplier = key == null ? null : javaLang.supplier(key);
        Optional<Class<?>> value = HeldValues.find(javaLang.value(entry), loader);
        if (key != null && key.getClass().getClassLoader() == loader) {
            return Optional.of("a thread local that is a " + named(key.getClass()) + fields(key.getClass(), loader));
        }
        if (supplier != null && supplier.getClass().getClassLoader() == loader) {
            return Optional.of("a thread local whose first value is given by a " + named(supplier.getClass())
                    + fields(supplier.getClass(), loader));
        }
        return value.map(type -> "a thread local that holds a " + named(type)
                + (key == null ? ", whose key is gone" : "") + fields(type, loader));
    }

    /** The fields of the outermost class that may be the thread local: which one it is cannot be seen. */
    private String fields(Class<?> type, ClassLoader loader) {
        Class<?> outermost = javaLang.loaded(loader, outermost(type));
        if (outermost == null) {
            return "";
        }
        try {
            List<String> names = Arrays.stream(outermost.getDeclaredFields())
                    .filter(field -> Modifier.isStatic(field.getModifiers()))
                    .filter(field -> ThreadLocal.class.isAssignableFrom(field.getType()))
                    .map(Field::getName)
                    .toList();
            return names.isEmpty()
                    ? ""
                    : names.stream()
                            .map(name -> outermost.getSimpleName() + "." + name)
                            .collect(Collectors.joining(" or ", ": ", ""));
        } catch (LinkageError e) {
            return ""; // its fields' types cannot be loaded any more
        }
    }

    /** The class's name; a lambda has none. */
    private static String named(Class<?> type) {
        int lambda = type.getName().indexOf("$$Lambda");
        return lambda < 0 ? type.getName() : "lambda of " + type.getName().substring(0, lambda);
    }

    private static String outermost(Class<?> type) {
        String name = type.getName();
        int inner = name.indexOf('$');
        return inner < 0 ? name : name.substring(0, inner);
    }
}
