// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** The JDK's log, for a client outside of a container: no class of OSGi is needed. */
public final class SystemLog implements Log {
    private static final String PLACE = "{}";

    private final Logger logger;

    /** Writes to the logger of this name. */
    public SystemLog(String name) {
        this(System.getLogger(name));
    }

    SystemLog(Logger logger) {
        this.logger = logger;
    }

    @Override
    public void info(String format, Object... arguments) {
        log(Level.INFO, format, arguments);
    }

    @Override
    public void warn(String format, Object... arguments) {
        log(Level.WARNING, format, arguments);
    }

    @Override
    public void error(String format, Object... arguments) {
        log(Level.ERROR, format, arguments);
    }

    private void log(Level level, String format, Object... arguments) {
        if (!logger.isLoggable(level)) {
            return;
        }
        StringBuilder text = new StringBuilder(format.length() + 64);
        int from = 0;
        int next = 0;
        for (int place = format.indexOf(PLACE); place >= 0 && next < arguments.length; next++) {
            text.append(format, from, place).append(arguments[next]);
            from = place + PLACE.length();
            place = format.indexOf(PLACE, from);
        }
        text.append(format, from, format.length());
        boolean hasFailure = next < arguments.length && arguments[arguments.length - 1] instanceof Throwable;
        // With a throwable, even none, the text is taken as it is; with other arguments it would be a format once more.
        logger.log(level, text.toString(), hasFailure ? (Throwable) arguments[arguments.length - 1] : null);
    }
}
