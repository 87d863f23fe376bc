// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updates;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.callosum.itests.cases.AppJar;
import org.callosum.itests.traffic.Checker;
import org.callosum.itests.traffic.Latency;
import org.callosum.itests.traffic.NumberedTraffic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Overwrites an app's jar in {@code apps/} of a running distribution again and again, under load from outside. Nothing may be
 * lost, doubled or reordered, for the app or for its neighbour, and nothing of the old versions may be left.
 */
class UpdatesIT {
    private static final int EVENTS_PER_SECOND = 10_000;

    /** Often, so that most of the run is updates; the distribution's own pace is 500. */
    private static final int POLL_MILLIS = 100;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String APP = "test.app";
    private static final String NEIGHBOUR = "test.neighbour";

    /** What each app has one of, in each of its versions. */
    private static final String APP_CLASS = "org.callosum.itests.numbered.Numbered";

    private final Checker checker = new Checker();

    @Test
    void anAppThatIsUpdatedAgainAndAgainUnderLoadLosesNothingAndLeavesNothing(@TempDir Path folder) throws Exception {
        int updates = Integer.getInteger("callosum.updates");
        int baselineSeconds = Integer.getInteger("callosum.updates.baselineSeconds");
        try (RunningDistribution runtime = RunningDistribution.start(
                        Path.of(System.getProperty("callosum.launcher")), folder, POLL_MILLIS);
                NumberedTraffic traffic = NumberedTraffic.connect(runtime.socket(), checker)) {
            long first = bringUp(runtime, traffic) + 1;

            UpdateReport report = measure(runtime, traffic, first, updates, baselineSeconds);

            String table = report.table();
            System.out.println(table);
            Files.writeString(Path.of(System.getProperty("callosum.updates.report")), table);
            assertThat(report.app().isClean()).as("%s", report.app()).isTrue();
            assertThat(report.neighbour().isClean())
                    .as("%s", report.neighbour())
                    .isTrue();
            assertThat(report.neighbour().instances())
                    .as("objects that the neighbour's component had")
                    .isEqualTo(1);
            assertThat(report.app().versions()).as("versions seen").hasSize(updates + 1);
            assertThat(report.before().loaders())
                    .as("class loaders before the first update: the app's and its neighbour's")
                    .isEqualTo(2);
            assertThat(report.leftLoaders()).as("class loaders left").isZero();
            assertThat(runtime.stop()).as("exit status").isZero();
        }
    }

    /** Installs both apps, and waits until both have handled an event; gives the number of the last that was sent for it. */
    private long bringUp(RunningDistribution runtime, NumberedTraffic traffic)
            throws IOException, InterruptedException {
        AppJar.of(NEIGHBOUR, "1.0.0").moveTo(runtime.apps().resolve("neighbour.jar"));
        AppJar.of(APP, "1.0.0").moveTo(runtime.apps().resolve("app.jar"));
        traffic.start(100);
        await(APP, 1, runtime);
        await(NEIGHBOUR, 1, runtime);
        traffic.stop();
        return traffic.sendOne();
    }

    private UpdateReport measure(
            RunningDistribution runtime, NumberedTraffic traffic, long first, int updates, int baselineSeconds)
            throws IOException, InterruptedException {
        traffic.start(EVENTS_PER_SECOND);
        await(NEIGHBOUR, first + (long) baselineSeconds * EVENTS_PER_SECOND, runtime); // until code is compiled
        checker.forgetLatencies();
        await(NEIGHBOUR, traffic.last() + (long) baselineSeconds * EVENTS_PER_SECOND, runtime);
        Latency baseline = checker.tally(NEIGHBOUR, first, first).latency();
        Footprint before = Footprint.of(runtime.pid(), APP_CLASS);
        await(NEIGHBOUR, traffic.last(), runtime); // the collection of garbage held everything up
        checker.forgetLatencies();

        long start = System.nanoTime();
        Path jar = runtime.apps().resolve("app.jar");
        for (int i = 1; i <= updates; i++) {
            String version = "1.0." + i;
            Files.write(jar, AppJar.of(APP, version).bytes());
            assertThat(checker.awaitVersion(APP, version, PATIENCE))
                    .as("version %s handles events within %s; the log ends with %s", version, PATIENCE, end(runtime))
                    .isTrue();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        traffic.stop();
        long last = traffic.sendOne(); // what comes behind it was not under way
        await(APP, last, runtime);
        await(NEIGHBOUR, last, runtime);
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
                Footprint.of(runtime.pid(), APP_CLASS));
    }

    private void await(String handler, long n, RunningDistribution runtime) throws InterruptedException {
        assertThat(checker.awaitNumber(handler, n, PATIENCE.plusSeconds(60)))
                .as(
                        "%s handles number %d; it is at %d; the log ends with %s",
                        handler, n, checker.highest(handler), end(runtime))
                .isTrue();
    }

    private static String end(RunningDistribution runtime) {
        var log = runtime.log();
        return String.join("\n", log.subList(Math.max(0, log.size() - 20), log.size()));
    }
}
