// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.callosum.update.BundleVersion;
import org.callosum.update.Dependent;
import org.callosum.update.Leftover;
import org.callosum.update.Leftover.Holder;
import org.callosum.update.Leftover.Kind;
import org.callosum.update.UpdatePlan;
import org.callosum.update.UpdateReport;
import org.callosum.update.UpdateReport.Parked;
import org.callosum.update.UpdateReport.Search;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class UpdateViewTest {
    private static final BundleVersion OLD = new BundleVersion(7, "a", "test.a", "1.0.0");
    private static final BundleVersion NEW = new BundleVersion(7, "a", "test.a", "1.1.0");
    private static final Dependent USER =
            new Dependent(new BundleVersion(8, "user", "test.user", "2.0.0"), "imports package 'a' of 'test.a'");
    private static final Search SEARCH = new Search(Duration.ofMillis(2100), 20, Optional.empty());

    static final UpdatePlan PLAN = new UpdatePlan(OLD, Optional.of("1.1.0"), List.of(USER), List.of());

    static final UpdateReport CLEAN = new UpdateReport(
            Optional.of(OLD),
            Optional.of(NEW),
            true,
            Duration.ofMillis(61),
            List.of(),
            List.of(),
            List.of(new Parked("a", 7, true, Duration.ofMillis(47), 12, 12, 0)),
            List.of(new Leftover(OLD, true, List.of())),
            SEARCH);

    @Test
    void aCleanUpdateIsSixLines() {
        assertThat(UpdateView.text(CLEAN))
                .isEqualTo(
                        """
                App        a
                Bundle     7 test.a 1.0.0 is now 1.1.0, running
                Took       61 ms
                Parked     12 events in 47 ms away, 12 handed over, 0 given up
                Refreshed  no other bundle
                Left of    test.a 1.0.0: nothing, its class loader is collected
                """);
    }

    @Test
    void allThatIsNotAsItShouldBeIsNamed() {
        UpdateReport report = new UpdateReport(
                Optional.of(OLD),
                Optional.of(NEW),
                false,
                Duration.ofMillis(61),
                List.of("it does not run: its activator threw X: \u001b"),
                List.of(USER),
                List.of(
                        new Parked("a", 7, false, Duration.ofSeconds(2), 1, 0, 0),
                        new Parked("user", 8, true, Duration.ofMillis(5), 3, 2, 1)),
                List.of(new Leftover(
                        OLD,
                        false,
                        List.of(
                                new Holder(Kind.THREAD, "t\n1", "its target is A", Optional.of("A.run(A.java:3)")),
                                new Holder(Kind.HUNG_HANDLER, "worker 3", "handler a/H overran", Optional.empty()),
                                new Holder(Kind.THREAD_LOCAL, "pool", "a thread local", Optional.of("B.b(B.java)"))))),
                new Search(Duration.ofMillis(2100), 20, Optional.of("what threads run: start it otherwise")));

        assertThat(UpdateView.text(report))
                .isEqualTo(
                        """
                App        a
                Bundle     7 test.a 1.0.0 is now 1.1.0, not running
                Took       61 ms
                Problem    it does not run: its activator threw X: \\u001b
                Parked     1 event in 2.0 s away, 0 handed over, 0 given up so far: see 'status'
                Parked     user: 3 events in 5 ms away, 2 handed over, 1 given up
                Refreshed  8 test.user 2.0.0: imports package 'a' of 'test.a'
                Left of    test.a 1.0.0: its class loader is not collected after 20 collections in 2.1 s, held by
                           thread 't\\u000a1', which it left running: its target is A; now at A.run(A.java:3)
                           thread 'worker 3', a worker that a handler hangs on: handler a/H overran
                           thread 'pool': a thread local
                Not seen   what threads run: start it otherwise
                """);
    }

    @Test
    void whatIsHeldByNobodyThatCanBeSeenIsSaidToBeSoWithTheRemedy() {
        UpdateReport report = new UpdateReport(
                Optional.of(OLD),
                Optional.empty(),
                false,
                Duration.ZERO,
                List.of(),
                List.of(),
                List.of(),
                List.of(new Leftover(OLD, false, List.of())),
                SEARCH);

        assertThat(UpdateView.text(report))
                .contains("Bundle     7 test.a 1.0.0 is removed\n")
                .contains("Parked     nothing: no handler was away\n")
                .containsPattern("and no thread was found that holds it: a heap dump tells what does"
                        + " \\(jcmd [0-9]+ GC.heap_dump app.hprof\\)");
    }

    @Test
    void anInstallationHasNothingParkedAndNothingLeft() {
        UpdateReport report = new UpdateReport(
                Optional.empty(),
                Optional.of(NEW),
                true,
                Duration.ofMillis(9),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                new Search(Duration.ZERO, 0, Optional.empty()));

        assertThat(UpdateView.text(report))
                .isEqualTo(
                        """
                App        a
                Bundle     7 test.a 1.1.0 is installed, running
                Took       9 ms
                Refreshed  no other bundle
                """);
    }

    @Test
    void aPlanSaysWhatWouldBe() {
        assertThat(UpdateView.text(PLAN))
                .isEqualTo(
                        """
                App            a
                Bundle         7 test.a 1.0.0 would become 1.1.0
                Would refresh  8 test.user 2.0.0: imports package 'a' of 'test.a'
                """);
        assertThat(UpdateView.text(new UpdatePlan(
                        OLD, Optional.of("2.0.0"), List.of(), List.of("package 'x' is exported by no bundle"))))
                .isEqualTo(
                        """
                App            a
                Bundle         7 test.a 1.0.0 would become 2.0.0
                Refused        package 'x' is exported by no bundle
                Would refresh  no other bundle
                """);
        assertThat(UpdateView.text(new UpdatePlan(OLD, Optional.empty(), List.of(), List.of())))
                .contains("7 test.a 1.0.0 would be removed");
    }
}
