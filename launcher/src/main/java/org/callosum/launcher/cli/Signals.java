// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

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
            MethodHandle run = MethodHandles.publicLookup()
                    .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                    .bindTo(action);
            Object listener =
                    MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.dropArguments(run, 0, signal));
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
        } catch (ReflectiveOperationException e) {
            // As it always was.
        }
    }
}
