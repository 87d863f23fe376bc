// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/**
 * Calls an action when the process is told to stop: SIGTERM, SIGINT (Ctrl-C), SIGHUP (the terminal is closed).
 *
 * <p>By the JDK's signal handling and not by a shutdown hook: when hooks run, the exit status is decided (143 after
 * SIGTERM) and can only be changed by a halt, which cuts off everybody else's hooks and could not tell a signal from an
 * app's {@code System.exit(3)}. That handling is no part of Java's API, so it is called by reflection.
 */
final class StopSignals {
    private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

    private StopSignals() {}

    /**
     * Calls the action at each of these signals, on a thread of the JDK's. A signal that the platform does not have, or
     * that the JVM was told to leave alone ({@code -Xrs}), does what it always does.
     */
    static void handle(Runnable action) {
        for (String name : NAMES) {
            try {
                handle(name, action);
            } catch (ReflectiveOperationException e) {
                continue; // the shutdown hook remains
            }
        }
    }

    private static void handle(String name, Runnable action) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        MethodHandle run = MethodHandles.publicLookup()
                .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                .bindTo(action);
        Object listener = MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.dropArguments(run, 0, signal));
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
    }
}
