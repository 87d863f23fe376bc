// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What is said to the log for the dispatcher, and what becomes of it while the log blocks. */
@Timeout(60)
class ReportsTest {
    private static final String MISSING =
            " lines about handlers are missing here: the log did not take them; 'handlers' and 'parked' have the numbers";

    private final BlockingLogger blocking = new BlockingLogger(false);
    private final BlockingLogger deaf = new BlockingLogger(true);
    private final Reports reports = new Reports(blocking.logger());

    @AfterEach
    void letGo() {
        blocking.letGo();
        deaf.letGo();
        reports.stop();
    }

    @Test
    void whileTheLogBlocksReportsWaitAndThenComeInTheirOrder() throws Exception {
        reports.start();
        IntStream.range(0, 5).forEach(n -> report(reports, n));
        Thread thread = blocking.awaitEntered();
        assertThat(blocking.taken().lines()).isEmpty();

        blocking.letGo();
        reports.stop();

        assertThat(blocking.taken().lines()).containsExactly("WARN 0", "WARN 1", "WARN 2", "WARN 3", "WARN 4");
        assertEnds(thread);
    }

    @Test
    void whatDoesNotFitIsCountedAndSaidAtItsPlace() throws Exception {
        reports.start();
        report(reports, 0);
        blocking.awaitEntered(); // with the first, which waits no more
        IntStream.rangeClosed(1, SideThread.CAPACITY + 3).forEach(n -> report(reports, n));
        blocking.letGo();
        awaitLines(1 + SideThread.CAPACITY + 1);
        report(reports, -1);
        reports.stop();

        assertThat(blocking.taken().lines())
                .containsExactlyElementsOf(Stream.of(
                                IntStream.rangeClosed(0, SideThread.CAPACITY).mapToObj(n -> "WARN " + n),
                                Stream.of("WARN 3" + MISSING + " [left_out=3]", "WARN -1"))
                        .flatMap(lines -> lines)
                        .toList());
    }

    @Test
    void theThreadEndsWhenNothingIsLeftAndAnotherOneComesWhenSomethingIs() throws Exception {
        blocking.letGo();
        reports.start();
        report(reports, 1);
        Thread first = blocking.awaitEntered();
        assertThat(first.getName()).isEqualTo("callosum-reports");
        assertThat(first.isDaemon()).isTrue();
        assertEnds(first);

        report(reports, 2);
        awaitLines(2);

        assertThat(blocking.taken().lines()).containsExactly("WARN 1", "WARN 2");
    }

    @Test
    void theEndInterruptsALogThatBlocksAndTheNextStartSaysWhatWasLeftOut() throws Exception {
        reports.start();
        IntStream.range(0, 3).forEach(n -> report(reports, n));
        Thread thread = blocking.awaitEntered();

        reports.stop();
        assertEnds(thread);
        blocking.letGo();
        reports.start();
        report(reports, 3);
        awaitLines(2);

        assertThat(blocking.taken().lines()).containsExactly("WARN 2" + MISSING + " [left_out=2]", "WARN 3");
    }

    @Test
    void aLogThatNoInterruptMovesDoesNotKeepTheEndAndItsThreadEndsWithTheLine() throws Exception {
        Reports toTheDeaf = new Reports(deaf.logger());
        toTheDeaf.start();
        IntStream.range(0, 3).forEach(n -> report(toTheDeaf, n));
        Thread thread = deaf.awaitEntered();

        toTheDeaf.stop();
        assertThat(thread.isAlive()).isTrue();
        deaf.letGo();

        assertEnds(thread);
        assertThat(deaf.taken().lines()).as("and nothing of what waited").containsExactly("WARN 0");
    }

    @Test
    void behindTheEndWhoReportsSaysItItself() {
        var log = new RecordingLogger();
        Reports ended = new Reports(log.logger());
        ended.start();
        ended.stop();

        report(ended, 1);

        assertThat(log.lines()).containsExactly("WARN 1");
    }

    @Test
    void aLogThatThrowsKeepsNothingElseFromBeingSaid() {
        var log = new RecordingLogger();
        Reports failing = new Reports(log.logger());
        failing.start();
        failing.add(each -> {
            throw new NoClassDefFoundError("a log's own");
        });
        report(failing, 1);
        failing.stop();

        assertThat(log.lines()).containsExactly("WARN 1");
    }

    private static void report(Reports to, int n) {
        to.add(log -> log.warn(Integer.toString(n)));
    }

    private void awaitLines(int count) {
        while (blocking.taken().lines().size() < count) {
            Thread.onSpinWait();
        }
    }

    private static void assertEnds(Thread thread) throws InterruptedException {
        thread.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
}
