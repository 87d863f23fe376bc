// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.InterruptedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.apache.felix.service.command.CommandSession;

/**
 * The keys that are pressed while a command shows something, one by one. Felix's shell and Karaf's keep their JLine terminal in a
 * variable of the session; it is used as far as it is there, and by reflection, for each has a JLine of its own. Where there is none,
 * no key is ever pressed.
 *
 * <p><b>Threads.</b> One.
 */
final class Keyboard implements AutoCloseable {
    private static final String[] TERMINALS = {".terminal", ".jline.terminal"};

    /** What JLine's reader gives when the time is over; -1 is the end. */
    private static final int NOTHING = -2;

    private final CountDownLatch none = new CountDownLatch(1);
    private final Object terminal;
    private final Object reader;
    private final Object attributes;

    private Keyboard(Object terminal, Object reader, Object attributes) {
        this.terminal = terminal;
        this.reader = reader;
        this.attributes = attributes;
    }

    /** The keyboard of a session, if its command's output is shown on the terminal. */
    static Keyboard of(CommandSession session, Screen screen) {
        if (screen.isTerminal()) {
            for (String variable : TERMINALS) {
                Object terminal = session.get(variable);
                if (terminal != null) {
                    try {
                        Object reader = call(terminal, "reader");
                        return new Keyboard(terminal, reader, call(terminal, "enterRawMode"));
                    } catch (ReflectiveOperationException notJLine) {
                        break;
                    }
                }
            }
        }
        return new Keyboard(null, null, null);
    }

    /** Waits for a key; the key, or -1 if none was pressed in that time. */
    int key(Duration patience) throws InterruptedException {
        if (reader == null) {
            none.await(patience.toNanos(), TimeUnit.NANOSECONDS);
            return -1;
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        int key;
        try {
            key = (Integer) call(reader, "read", Math.max(1, patience.toMillis()));
        } catch (ReflectiveOperationException failed) {
            if (Thread.interrupted() || failed.getCause() instanceof InterruptedIOException) {
                throw new InterruptedException();
            }
            key = -1;
        }
        if (key == NOTHING) {
            return -1;
        }
        if (key < 0) {
            throw new InterruptedException(); // the terminal is gone
        }
        return key;
    }

    /** Sets the terminal back. */
    @Override
    public void close() {
        if (terminal != null) {
            try {
                call(terminal, "setAttributes", attributes);
            } catch (ReflectiveOperationException gone) {
                // Then nobody types on it any more.
            }
        }
    }

    /** Calls a public method of a public type of the object's: its own class is mostly neither. */
    private static Object call(Object on, String name, Object... arguments) throws ReflectiveOperationException {
        Deque<Class<?>> types = new ArrayDeque<>();
        types.add(on.getClass());
        while (!types.isEmpty()) {
            Class<?> type = types.poll();
            if (Modifier.isPublic(type.getModifiers())) {
                for (Method method : type.getMethods()) {
                    if (method.getName().equals(name)
                            && fits(method, arguments)
                            && Modifier.isPublic(method.getDeclaringClass().getModifiers())) {
                        return invoke(method, on, arguments);
                    }
                }
            }
            types.addAll(List.of(type.getInterfaces()));
            if (type.getSuperclass() != null) {
                types.add(type.getSuperclass());
            }
        }
        throw new NoSuchMethodException(on.getClass().getName() + "." + name);
    }

    private static Object invoke(Method method, Object on, Object[] arguments) throws ReflectiveOperationException {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw new ReflectiveOperationException(e.getCause());
        }
    }

    private static boolean fits(Method method, Object[] arguments) {
        Class<?>[] types = method.getParameterTypes();
        if (types.length != arguments.length) {
            return false;
        }
        for (int i = 0; i < types.length; i++) {
            boolean isLong = types[i] == long.class && arguments[i] instanceof Long;
            if (!isLong && !types[i].isInstance(arguments[i])) {
                return false;
            }
        }
        return true;
    }
}
