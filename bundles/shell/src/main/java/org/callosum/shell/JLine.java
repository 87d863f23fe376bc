// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.apache.felix.service.command.CommandSession;

/** The terminal of a session, which both shells make with JLine, each with its own copy of that: so it is called by reflection. */
final class JLine {
    private static final String[] TERMINALS = {".terminal", ".jline.terminal"}; // of Gogo, of Karaf

    private JLine() {}

    /** The session's terminal; {@code null} if it has none. */
    static Object terminal(CommandSession session) {
        for (String variable : TERMINALS) {
            Object terminal = session.get(variable);
            if (terminal != null) {
                return terminal;
            }
        }
        return null;
    }

    /** Calls a public method of a public type of the object's: its own class is mostly neither. */
    static Object call(Object on, String name, Object... arguments) throws ReflectiveOperationException {
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
