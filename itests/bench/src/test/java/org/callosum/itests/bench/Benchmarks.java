// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks and prints the tables: what {@code itests/bench/run} starts.
 *
 * <p>Each row is measured in a JVM of its own. Rounds go over all rows, so that what else the machine does meanwhile meets
 * all of them alike.
 */
final class Benchmarks {
    /** What can be asked for beside the sections of {@link Row}. */
    private static final String ROUTES = "ROUTES";

    private static final String HUNG = "HUNG";

    private static final int MEASURED_HANDLERS = 20_000;

    private static final Duration HUNG_LIMIT = Duration.ofSeconds(1);

    private static final int HUNG_ITERATIONS = 5;

    private int rounds = 1;
    private int millis = 400;
    private final Set<Row.Section> sections = EnumSet.noneOf(Row.Section.class);
    private boolean isRouting;
    private boolean isHanging;

    private Benchmarks(String... arguments) {
        List<String> left = new ArrayList<>(List.of(arguments));
        while (!left.isEmpty()) {
            String argument = left.remove(0);
            switch (argument) {
                case "--rounds" -> rounds = Integer.parseInt(left.remove(0));
                case "--millis" -> millis = Integer.parseInt(left.remove(0));
                default -> {
                    String name = argument.toUpperCase(Locale.ROOT);
                    switch (name) {
                        case ROUTES -> isRouting = true;
                        case HUNG -> isHanging = true;
                        default -> sections.add(Row.Section.valueOf(name));
                    }
                }
            }
        }
        if (sections.isEmpty() && !isRouting && !isHanging) {
            sections.addAll(EnumSet.allOf(Row.Section.class));
            isRouting = true;
            isHanging = true;
        }
    }

    /** Runs what the arguments say. */
    public static void main(String... arguments) throws Exception {
        new Benchmarks(arguments).run();
    }

    private void run() throws Exception {
        String before = load();
        Results results = new Results();
        for (int round = 1; round <= rounds; round++) {
            for (Row.Section section : sections) {
                System.err.printf("round %d of %d: %s (load %s)%n", round, rounds, section.title, load());
                List<Row> rows = new ArrayList<>(Row.of(section));
                if (round % 2 == 0) {
                    Collections.reverse(
                            rows); // so that no row has always the same one before it, and the same load of the host's
                }
                for (Row row : rows) {
                    results.add(row, measure(row));
                }
            }
        }
        System.out.printf("%s%nLoad before and after: %s, %s.%n%s", machine(), before, load(), results.text());
        if (isHanging) { // before anything else has run in this JVM
            System.err.printf("hung (load %s)%n", load());
            System.out.print(new HungHandlers(HUNG_LIMIT, HUNG_ITERATIONS, millis).text(rounds, HungHandlers.CASES));
        }
        if (isRouting) {
            System.err.printf("routes (load %s)%n", load());
            System.out.print(routing());
            System.out.print(Burst.text(rounds, 1_000, 10_000));
            System.out.print(Burst.memory(MEASURED_HANDLERS));
        }
    }

    private RunResult measure(Row row) throws RunnerException {
        ChainedOptionsBuilder options = options(millis)
                .include(Delivery.class.getName() + "\\." + row.method() + "$")
                .mode(row.section().isLatency() ? Mode.SampleTime : Mode.Throughput)
                .timeUnit(
                        row.section().isLatency()
                                ? java.util.concurrent.TimeUnit.MICROSECONDS
                                : java.util.concurrent.TimeUnit.SECONDS)
                .param("way", row.way().name())
                .param("matching", Integer.toString(row.matching()))
                .param("idle", Integer.toString(row.idle()))
                .param("work", row.work().name());
        return new Runner(options.build()).runSingle();
    }

    private String routing() throws RunnerException {
        ChainedOptionsBuilder options = options(millis)
                .include(Routing.class.getName())
                .mode(Mode.AverageTime)
                .timeUnit(java.util.concurrent.TimeUnit.NANOSECONDS);
        Collection<RunResult> runs = new Runner(options.build()).run();
        StringBuilder text = new StringBuilder("\n### The table of routes\n\n| what | ns |\n| --- | --: |\n");
        for (RunResult run : runs) {
            boolean isMatch = run.getParams().getBenchmark().endsWith("match");
            text.append(String.format(
                    Locale.ROOT,
                    isMatch
                            ? "| find the handlers of an event, which are in %s of the four groups | %,.0f |%n"
                            : "| build it of %s handlers, ns a handler | %,.0f |%n",
                    run.getParams().getParam(isMatch ? "groups" : "handlers"),
                    isMatch
                            ? run.getPrimaryResult().getScore()
                            : run.getPrimaryResult().getScore()
                                    / Integer.parseInt(run.getParams().getParam("handlers"))));
        }
        return text.toString();
    }

    private static ChainedOptionsBuilder options(int millis) {
        return new OptionsBuilder()
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(3)
                .measurementTime(TimeValue.milliseconds(millis))
                .jvmArgsAppend("-Xmx1g", "-D" + EventAdminWay.JARS + "=" + System.getProperty(EventAdminWay.JARS))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }

    private static String machine() throws IOException {
        return String.format(
                "JDK %s (%s), %s, %d cores, %s %s. %s with %s, %s with %s.",
                Runtime.version(),
                System.getProperty("java.vm.name"),
                cpu(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                version("org.apache.felix.eventadmin"),
                version("org.apache.felix.framework"),
                version("org.eclipse.equinox.event"),
                version("org.eclipse.osgi"));
    }

    private static String version(String artifact) throws IOException {
        return EventAdminWay.jar(artifact).getFileName().toString().replaceFirst("\\.jar$", "");
    }

    private static String cpu() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("a CPU without a name");
        } catch (IOException notLinux) {
            return "a CPU that is not looked at";
        }
    }

    private static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
        } catch (IOException notLinux) {
            return "unknown";
        }
    }
}
