// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus.State;
import org.callosum.update.UpdateReport.Parked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class AbsencesTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final FakeDispatcher core = new FakeDispatcher();
    private final Absences absences = new Absences(() -> Optional.of(core.dispatcher()));
    private final long start = System.nanoTime();

    @Test
    void whatIsParkedIsWaitedForUntilAllIsHandedOver() {
        core.first(FakeDispatcher.status(4, State.BACK, Duration.ZERO))
                .first(FakeDispatcher.status(4, State.AWAY, Duration.ZERO))
                .before(FakeDispatcher.status(4, State.DONE, Duration.ZERO));

        assertThat(absences.await(Set.of(4L), start, LONG))
                .containsExactly(new Parked("app4", 4, true, Duration.ofMillis(30), 7, 5, 0));
    }

    @Test
    void whatIsStillAwayWhenTheTimeIsUpIsReportedAsThat() {
        core.parked(FakeDispatcher.status(4, State.AWAY, Duration.ZERO));

        assertThat(absences.await(Set.of(4L), start, Duration.ofMillis(30)))
                .extracting(Parked::isOver)
                .containsExactly(false);
    }

    @Test
    void otherBundlesAndEarlierAbsencesAreNotThisOnes() {
        core.parked(FakeDispatcher.status(5, State.AWAY, Duration.ZERO))
                .before(FakeDispatcher.status(4, State.DONE, Duration.ofHours(1)));

        assertThat(absences.await(Set.of(4L), start, LONG)).isEmpty();
    }

    @Test
    void anInterruptEndsTheWaitingAndStays() {
        core.parked(FakeDispatcher.status(4, State.AWAY, Duration.ZERO));
        Thread.currentThread().interrupt();

        assertThat(absences.await(Set.of(4L), start, LONG)).hasSize(1);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void withoutACoreNothingIsParked() {
        Absences none = new Absences(Optional::empty);

        assertThat(none.await(Set.of(4L), start, LONG)).isEmpty();
        assertThat(none.hungHandlers()).isEmpty();
    }

    @Test
    void aHungHandlerIsToldByItsThread() {
        core.overruns(new InvocationStatus(
                "a",
                "H",
                "t",
                "e",
                InvocationStatus.State.WRITTEN_OFF,
                true,
                Duration.ofSeconds(40),
                "callosum worker 3",
                List.of()));

        assertThat(absences.hungHandlers())
                .containsEntry("callosum worker 3", "handler a/H overran on t/e and has run for 40 s");
    }
}
