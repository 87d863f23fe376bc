// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updating;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.callosum.itests.cases.AppJar;
import org.callosum.itests.traffic.Checker;
import org.callosum.itests.traffic.Latency;
import org.callosum.itests.traffic.NumberedTraffic;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Updates an app of a runtime again and again, under load from outside. Nothing may be lost, doubled or reordered, for the app
 * or for its neighbour, and nothing of the old versions may be left.
 *
 * <p>How many updates, and how many seconds of load come before them, the system properties {@code callosum.updates} and
 * {@code callosum.updates.baselineSeconds} say; the table is also written to the file {@code callosum.updates.report}.
 */
public final class UpdateRun {
    private static final int EVENTS_PER_SECOND = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String APP = "test.app";
    private static final String NEIGHBOUR = "test.neighbour";

    /** What each app has one of, in each of its versions. */
    private static final String APP_CLASS = "org.callosum.itests.numbered.Numbered";

    private final UpdatedRuntime runtime;
    private final int updates = Integer.getInteger("callosum.updates");
    private final int baselineSeconds = Integer.getInteger("callosum.updates.baselineSeconds");
    private final Checker checker = new Checker();

    /** A run with this runtime, which has no apps that handle numbered events. */
    public UpdateRun(UpdatedRuntime runtime) {
        this.runtime = runtime;
    }

    /**
     * Runs it, and says what it came to as a table.
     *
     * @throws AssertionError if something was lost, doubled, reordered or left, or the neighbour was touched
     */
    public void run() throws IOException, InterruptedException {
        try (NumberedTraffic traffic = NumberedTraffic.connect(runtime.socket(), checker)) {
            UpdateReport report = measure(traffic, bringUp(traffic) + 1);
            String table = report.table();
            System.out.println(table);
            Files.writeString(Path.of(System.getProperty("callosum.updates.report")), table);
            check(report);
        }
    }

    private void check(UpdateReport report) {
        assertThat(report.app().isClean()).as("%s", report.app()).isTrue();
        assertThat(report.neighbour().isClean()).as("%s", report.neighbour()).isTrue();
        assertThat(report.neighbour().instances())
                .as("objects that the neighbour's component had")
                .isEqualTo(1);
        assertThat(report.app().versions()).as("versions seen").hasSize(updates + 1);
        assertThat(report.before().loaders())
                .as("class loaders before the first update: the app's and its neighbour's")
                .isEqualTo(2);
        assertThat(report.leftLoaders()).as("class loaders left").isZero();
    }

    /** Installs both apps, and waits until both have handled an event; gives the number of the last that was sent for it. */
    private long bringUp(NumberedTraffic traffic) throws IOException, InterruptedException {
        runtime.install(AppJar.of(NEIGHBOUR, "1.0.0"));
        runtime.install(AppJar.of(APP, "1.0.0"));
        traffic.start(100);
        await(APP, 1);
        await(NEIGHBOUR, 1);
        traffic.stop();
        return traffic.sendOne();
    }

    private UpdateReport measure(NumberedTraffic traffic, long first) throws IOException, InterruptedException {
        traffic.start(EVENTS_PER_SECOND);
        await(NEIGHBOUR, first + (long) baselineSeconds * EVENTS_PER_SECOND); // until code is compiled
        checker.forgetLatencies();
        await(NEIGHBOUR, traffic.last() + (long) baselineSeconds * EVENTS_PER_SECOND);
        Latency baseline = checker.tally(NEIGHBOUR, first, first).latency();
        Footprint before = Footprint.of(runtime.pid(), APP_CLASS);
        await(NEIGHBOUR, traffic.last()); // the collection of garbage held everything up
        checker.forgetLatencies();

        long start = System.nanoTime();
        for (int i = 1; i <= updates; i++) {
            String version = "1.0." + i;
            runtime.update(AppJar.of(APP, version));
            if (!checker.awaitVersion(APP, version, PATIENCE)) {
                throw new AssertionError(
                        "Version " + version + " handled no event within " + PATIENCE + "; the log ends with " + end());
            }
            await(APP, traffic.last()); // has what was parked: parking is bounded, and the next update would add to it
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        traffic.stop();
        long last = traffic.sendOne(); // what comes behind it was not under way
        await(APP, last);
        await(NEIGHBOUR, last);
        return new UpdateReport(
                updates,
                seconds,
                EVENTS_PER_SECOND,
                last - first + 1,
                checker.tally(APP, first, last),
                checker.tally(NEIGHBOUR, first, last),
                baseline,
                ParkedLines.of(runtime.log()),
                before,
                Footprint.settled(runtime.pid(), APP_CLASS, before.loaders()));
    }

    private void await(String handler, long n) throws IOException, InterruptedException {
        if (!checker.awaitNumber(handler, n, PATIENCE.plusSeconds(60))) {
            throw new AssertionError(handler + " does not handle number " + n + "; it is at " + checker.highest(handler)
                    + "; the log ends with " + end());
        }
    }

    private String end() throws IOException {
        var log = runtime.log();
        return String.join("\n", log.subList(Math.max(0, log.size() - 20), log.size()));
    }
}
