// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.nio.file.Files;
import java.util.List;

import org.junit.Assume;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

import static org.assertj.core.api.Assertions.assertThat;

/** Our commands in Karaf's own shell, typed at a terminal of eighty columns. What they print without one is {@link FeaturesIT}'s. */
public class KarafTerminalIT {
    private static final int COLUMNS = 80;

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Before
    public void skipWhereItCannotBe() {
        KarafRunner.reasonToSkip().ifPresent(reason -> {
            System.out.println(reason);
            Assume.assumeTrue(reason, false);
        });
        Assume.assumeTrue(
                "there is no 'script' to make a pseudo-terminal with", Files.isExecutable(RunningKaraf.SCRIPT));
    }

    @Test
    public void eachShowsWhatItDoesInTheFormOfATerminal() throws Exception {
        try (RunningKaraf karaf = RunningKaraf.startOnTerminal(folder.getRoot().toPath(), COLUMNS)) {
            karaf.run("feature:install callosum-apps callosum-metrics", "");

            assertThat(karaf.run("callosum:status", "Nothing needs attention.")).contains("Bus          server on");
            String handlers = karaf.run("callosum:handlers", "SegmentLog");
            assertThat(handlers).contains("(no room for ");
            assertThat(handlers.substring(handlers.indexOf("ID  APP"), handlers.indexOf("(no room"))
                            .lines())
                    .hasSizeGreaterThanOrEqualTo(4)
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(COLUMNS));
            for (List<String> each : List.of(
                    List.of("health", "handlers    ok"),
                    List.of("handler SegmentLog", "Listens to  observe/*, think/*, activity/*"),
                    List.of("handler nobody", "There is no handler 'nobody'"),
                    List.of("apps", "segment-log  active"),
                    List.of("app observer", "observer  active"),
                    List.of("running", "Nothing has run for more than a moment."),
                    List.of("blame", "No event has waited for a slow handler."),
                    List.of("queue", "on disk"),
                    List.of("parked", "Nothing is parked."),
                    List.of("explain door opened", "would be handed to"),
                    List.of("send door opened n=1", "sent"),
                    List.of("replay -t door", "\"n\":1"),
                    List.of("trace -t 100ms door shut", "0 of 1 events of door/shut came within 100 ms"),
                    List.of("clients --closed", "closed by the client"), // which was replay
                    List.of("disconnect 4711", "There is no connection 4711"),
                    List.of("quarantine SegmentLog", "is in quarantine"),
                    List.of("release SegmentLog", "Released."),
                    List.of("diagnose", "Written to "),
                    List.of("update nobody", "'nobody' is no app"),
                    List.of("remove nobody", "'nobody' is no app"))) {
                assertThat(karaf.run("callosum:" + each.get(0), each.get(1)))
                        .as(each.get(0))
                        .doesNotContain("\tat ");
            }
            assertThat(karaf.stop()).as("exit status").isZero();
        }
    }
}
