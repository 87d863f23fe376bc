// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * For how long this process has run, the time of the script that became it included.
 *
 * <p>On Linux from {@code /proc}, exact to 10 ms: what the JDK says there is derived from the boot time in whole seconds.
 */
final class ProcessAge {
    private static final long TICKS_PER_SECOND = 100; // USER_HZ, a constant of the kernel's interface
    private static final int START_TICKS = 19; // the 22nd field of stat, counted from the one behind the name

    private ProcessAge() {}

    static Duration now() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String uptime = Files.readString(Path.of("/proc/uptime"));
            return between(stat, uptime);
        } catch (IOException | RuntimeException e) {
            return ProcessHandle.current()
                    .info()
                    .startInstant()
                    .map(start -> Duration.between(start, Instant.now()))
                    .orElse(Duration.ZERO);
        }
    }

    /** From the start that {@code stat} tells to the moment that {@code uptime} tells, both since the machine's start. */
    static Duration between(String stat, String uptime) {
        String behindName = stat.substring(stat.lastIndexOf(')') + 2); // the name itself may hold blanks and brackets
        long started = Long.parseLong(behindName.split(" ")[START_TICKS]) * 1_000 / TICKS_PER_SECOND;
        long now = Math.round(Double.parseDouble(uptime.split(" ")[0]) * 1_000);
        return Duration.ofMillis(Math.max(0, now - started));
    }
}
