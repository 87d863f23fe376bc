// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Assumptions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** Prometheus' own checker. A test that needs it is skipped where it is not installed; not where CI is set. */
final class Promtool {
    private Promtool() {}

    /** Runs it with this on its standard input; gives what it says once it has ended well. */
    static String check(byte[] input, String... arguments) throws IOException, InterruptedException {
        require();
        String[] command = new String[arguments.length + 1];
        command[0] = "promtool";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        }
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
        return said;
    }

    private static void require() {
        boolean isThere = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool")));
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue(isThere, "promtool is not installed: it is in Debian's package 'prometheus'");
        }
        assertThat(isThere)
                .as("promtool, of Debian's package 'prometheus', is installed")
                .isTrue();
    }
}
