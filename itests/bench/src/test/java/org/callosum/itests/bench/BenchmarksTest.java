// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

import org.callosum.itests.bench.HangingHandler.Hang;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

import static org.assertj.core.api.Assertions.assertThat;

/** The benchmarks still run, each once; what they measure here is worth nothing. */
class BenchmarksTest {
    @Test
    void everyWayHandsEveryEventToEveryHandler() throws Exception {
        Collection<RunResult> runs = run(once(Delivery.class)
                .include(Delivery.class.getName() + "\\.(trickle|one)$")
                .param("matching", "4")
                .param("idle", "10")
                .param("work", Work.NONE.name()));

        assertThat(runs).hasSize(2 * Way.Kind.values().length);
    }

    @Test
    void theTableHasBothRatiosOfEachRow() throws Exception {
        Results results = new Results();
        List<Row> rows = Stream.of(Way.Kind.CALLOSUM, Way.Kind.FELIX_TIMED_SEND, Way.Kind.FELIX_SEND)
                .map(way -> new Row(Row.Section.WAITING, "trickle", way, 1, 0, Work.SPIN_10_MICROS))
                .toList();
        for (Row row : rows) {
            results.add(
                    row,
                    run(once(Delivery.class)
                                    .include(Delivery.class.getName() + "\\.trickle$")
                                    .param("way", row.way().name())
                                    .param("matching", "1")
                                    .param("idle", "0")
                                    .param("work", row.work().name()))
                            .iterator()
                            .next());
        }

        List<String> lines = results.text().lines().skip(5).toList();
        assertThat(lines).hasSize(3);
        assertThat(lines).allMatch(line -> line.matches("\\|( [^|]+ \\|){4}( \\d+\\.\\d\\d \\|){2}"));
        assertThat(lines.get(1)).as("Felix's timed send beside itself").contains("| 1.00 |");
    }

    @Test
    void routesAreBuiltAndFound() throws Exception {
        assertThat(run(once(Routing.class)
                        .include(Routing.class.getName())
                        .param("handlers", "10")
                        .param("groups", "1", "4")))
                .hasSize(3);
    }

    @Test
    void theLastHandlerOfABurstGetsItsEvent() throws Exception {
        assertThat(Burst.text(1, 20)).contains("| 20 |");
    }

    @Test
    void ofHandlersThatHangAllAreShownAndNoThreadIsLeft() throws Exception {
        List<String> lines = new HungHandlers(Duration.ofMillis(100), 1, 20)
                .text(1, List.of(new HungHandlers.Case(4, Hang.ONCE, 3), new HungHandlers.Case(40, Hang.ALWAYS, 1)))
                .lines()
                .skip(5)
                .toList();

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith("| 4 hang in their first call").endsWith("| 4, 4 |");
        assertThat(lines.get(1)).startsWith("| 40 hang in every call").endsWith("| 40, 40 |");
        assertThat(Thread.getAllStackTraces().values())
                .as("stacks of all threads")
                .noneMatch(stack -> Stream.of(stack).anyMatch(HangingHandler.Gate::isPlaceOf));
    }

    @Test
    void aHandlerTakesMoreOnceItHasTimes() throws Exception {
        long[] bytes = Burst.bytesPerHandler(2_000);

        assertThat(bytes[0]).isPositive();
        assertThat(bytes[1]).isGreaterThan(bytes[0]);
        assertThat(bytes[2]).isGreaterThan(bytes[1]);
    }

    private static ChainedOptionsBuilder once(Class<?> benchmark) {
        System.setProperty("jmh.ignoreLock", "true");
        return new OptionsBuilder()
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .mode(Mode.SingleShotTime)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }

    private static Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
        return new Runner(options.build()).run();
    }
}
