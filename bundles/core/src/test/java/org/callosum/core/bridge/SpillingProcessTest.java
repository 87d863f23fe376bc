// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/** What a queue over a disk means to a process that is killed, and to one whose disk is full. */
@Timeout(120)
class SpillingProcessTest {
    @TempDir
    private Path temp;

    @Test
    void whatIsOnDiskSurvivesKill9AndTheOneThatWasUnderWayIsMarked() throws Exception {
        Process process = SpillingProcess.start(temp.resolve("spill"), "add", 5_000);
        List<String> before = linesUntil(process, "done");
        process.destroyForcibly(); // SIGKILL
        assertThat(process.waitFor(20, SECONDS)).isTrue();

        List<String> after = linesUntil(SpillingProcess.start(temp.resolve("spill"), "read", 0), "done");

        assertThat(before.remove(0)).startsWith("spilled 4");
        assertThat(before).containsExactlyElementsOf(taken(0, 2_500));
        assertThat(after.remove(0)).as("was under way").isEqualTo("taken 2499 again");
        // The last few may not have reached the disk: less than one write, in memory.
        assertThat(after).hasSizeGreaterThan(2_400);
        assertThat(after).containsExactlyElementsOf(taken(2_500, 2_500 + after.size()));
    }

    /** A limit on each file's size is a full disk that needs no privilege. */
    @Test
    void aFullDiskLosesNothingAndDamagesNothing() throws Exception {
        Process process = SpillingProcess.start(
                temp.resolve("spill"), "fill", 0, "sh", "-c", "ulimit -f 1000 && exec \"$0\" \"$@\"");
        List<String> lines = linesUntil(process, "done");

        assertThat(lines.remove(0)).startsWith("log Events that memory has no place for cannot be written to {}");
        assertThat(lines).noneMatch(line -> line.startsWith("lost"));
        String full = lines.stream()
                .filter(line -> line.startsWith("full "))
                .findFirst()
                .orElseThrow();
        lines.removeIf(line -> !line.startsWith("taken "));
        assertThat(lines).containsExactlyElementsOf(taken(0, Integer.parseInt(full.substring(5))));
    }

    /**
     * 200,000 events in a heap that has no place for them. {@code -Dspill.events=10000000} for figures: they are printed.
     */
    @Test
    @Timeout(1800)
    void manyMoreThanMemoryHoldsComeBackInTheirOrder() throws Exception {
        int events = Integer.getInteger("spill.events", 200_000);
        List<String> lines = linesUntil(SpillingProcess.start(temp.resolve("spill"), "load", events), "done");
        lines.forEach(System.out::println);

        assertThat(lines).hasSize(3).noneMatch(line -> line.startsWith("log "));
        assertThat(Integer.parseInt(lines.get(1).substring("spilled ".length())))
                .isGreaterThan(events / 2);
        assertThat(temp.resolve("spill")).as("all is read, and gone").doesNotExist();
    }

    private static List<String> taken(int from, int to) {
        return IntStream.range(from, to).mapToObj(n -> "taken " + n).toList();
    }

    private static List<String> linesUntil(Process process, String last) throws IOException {
        List<String> lines = new ArrayList<>();
        var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = reader.readLine(); !last.equals(line); line = reader.readLine()) {
            assertThat(line).as("the process ended after %s", lines).isNotNull();
            lines.add(line);
        }
        return lines;
    }
}
