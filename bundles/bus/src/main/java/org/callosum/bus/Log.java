// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

/**
 * Where a client's log lines go: the container's log service, or, in a plain Java program, where no class of OSGi is, the
 * JDK's {@link System.Logger}.
 *
 * <p>Each {@code {}} in a format stands for the next argument; a throwable as the last one has none.
 *
 * <p><b>Threads.</b> Any thread.
 */
public interface Log {
    /** Logs a change of state. */
    void info(String format, Object... arguments);

    /** Logs that something was lost, late or refused. */
    void warn(String format, Object... arguments);

    /** Logs that somebody has to act. */
    void error(String format, Object... arguments);
}
