// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.systemd;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Systemd, by its own command {@code systemd-notify}, which finds the socket in the environment.
 *
 * <p>That socket takes datagrams, and the JDK can open a Unix socket for streams alone. The command is there wherever
 * systemd is, and a process twice a minute costs less than native code in this one. The unit needs {@code
 * NotifyAccess=all}, because it is another process than the main one that speaks.
 */
final class SystemdNotify implements ServiceManager {
    private static final long PATIENCE_SECONDS = 10;

    private final String command;
    private final Logger logger;

    /** With the command's name or path. */
    SystemdNotify(String command, Logger logger) {
        this.command = command;
        this.logger = logger;
    }

    @Override
    public boolean tell(String... assignments) {
        List<String> words = new ArrayList<>();
        words.add(command);
        words.addAll(List.of(assignments));
        try {
            Process process = new ProcessBuilder(words)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                logger.warn(
                        "systemd is not told {}: '{}' took more than {} s{}",
                        assignments[0],
                        command,
                        PATIENCE_SECONDS,
                        keyValues(assignments).and("limit_ms", TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS)));
                return false;
            }
            if (process.exitValue() != 0) {
                logger.warn(
                        "systemd is not told {}: '{}' ended with status {}{}",
                        assignments[0],
                        command,
                        process.exitValue(),
                        keyValues(assignments).and("status", process.exitValue()));
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            logger.warn(
                    "systemd is not told {}: '{}' cannot be run ({}); install it, or have the unit say Type=exec and no"
                            + " WatchdogSec{}",
                    assignments[0],
                    command,
                    e.getMessage(),
                    keyValues(assignments).and("reason", e.getMessage()));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What was not told, and how it was tried, for the values of a log line. */
    private KeyValues keyValues(String[] assignments) {
        return KeyValues.of("told", assignments[0]).and("command", command);
    }
}
