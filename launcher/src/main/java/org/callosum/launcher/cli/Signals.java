// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.lang.reflect.Proxy;

/** The process's signals. The JDK's way to them is no part of Java's API, so it is called by reflection. */
public final class Signals {
    private Signals() {}

    /**
     * Calls the action at each such signal, on a thread of the JDK's. A signal that the platform does not have, or that the
     * JVM was told to leave alone ({@code -Xrs}), does what it always does.
     *
     * @param name without {@code SIG}
     */
    public static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object listener = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getDeclaringClass() == Object.class) {
                            return method.invoke(action, arguments); // of its own the JDK calls none of these
                        }
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
        } catch (ReflectiveOperationException e) {
            // As it always was.
        }
    }
}
