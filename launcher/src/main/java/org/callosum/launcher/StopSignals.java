// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.util.List;

import org.callosum.launcher.cli.Signals;

/**
 * Calls an action when the process is told to stop: SIGTERM, SIGINT (Ctrl-C), SIGHUP (the terminal is closed).
 *
 * <p>By the JDK's signal handling and not by a shutdown hook: when hooks run, the exit status is decided (143 after
 * SIGTERM) and can only be changed by a halt, which cuts off everybody else's hooks and could not tell a signal from an
 * app's {@code System.exit(3)}.
 */
final class StopSignals {
    private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

    private StopSignals() {}

    /** Calls the action at each of these signals; where one cannot be handled the shutdown hook remains. */
    static void handle(Runnable action) {
        NAMES.forEach(name -> Signals.handle(name, action));
    }
}
