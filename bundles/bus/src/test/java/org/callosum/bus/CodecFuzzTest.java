// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What fuzzing starts from, and what it has found, in each build; and the fuzzer itself, for as long as it is told to:
 *
 * <pre>mvn test -pl bundles/bus -am -Dcallosum.fuzz.seconds=3600 -Dtest=CodecFuzzTest -Dsurefire.failIfNoSpecifiedTests=false</pre>
 *
 * <p>An input that it finds is in {@code target/fuzz/}, named in the failure. It goes to the others in the test's resources.
 */
class CodecFuzzTest {
    private static final Path INPUTS = Path.of("src/test/resources/org/callosum/bus/codec-fuzz");

    @ParameterizedTest
    @MethodSource("inputs")
    void anInputIsReadAsTheReferenceReadsIt(Path input) throws IOException {
        CodecFuzz.fuzzerTestOneInput(Files.readAllBytes(input));
    }

    static List<Path> inputs() throws IOException {
        try (Stream<Path> files = Files.list(INPUTS.resolve("inputs"))) {
            return files.sorted().toList();
        }
    }

    /** In a process of its own: the fuzzer instruments what it runs, and ends its process when it has found something. */
    @Test
    @EnabledIfSystemProperty(named = "callosum.fuzz.seconds", matches = "[1-9]\\d*")
    void fuzzingFindsNothing() throws Exception {
        Path found = Files.createDirectories(Path.of("target/fuzz/found"));
        Path corpus = Files.createDirectories(Path.of("target/fuzz/corpus"));
        Path log = Path.of("target/fuzz/log.txt");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + CodecFuzz.class.getName(),
                "--instrumentation_includes=org.callosum.bus.**:com.fasterxml.jackson.core.**",
                "--reproducer_path=" + found,
                "-artifact_prefix=" + found + "/",
                "-dict=" + INPUTS.resolve("dictionary.txt"),
                "-max_len=1024",
                "-timeout=600",
                "-report_slow_units=600", // what is only slow, as on a busy machine, is no find
                "-use_value_profile=1",
                "-print_final_stats=1",
                "-rss_limit_mb=0",
                "-max_total_time=" + System.getProperty("callosum.fuzz.seconds"),
                corpus.toString(),
                INPUTS.resolve("inputs").toString());

        Process fuzzer = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(fuzzer.waitFor()).as(() -> end(log)).isZero();
            assertThat(end(log)).contains("stat::number_of_executed_units");
        } finally {
            fuzzer.destroyForcibly();
        }
    }

    private static String end(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }
}
