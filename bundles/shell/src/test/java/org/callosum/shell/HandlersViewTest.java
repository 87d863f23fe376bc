// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.callosum.api.Json;
import org.callosum.core.InvocationStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class HandlersViewTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void handlersAreAlignedByAppAndThoseThatAreNotWellSayWhy() {
        assertThat(HandlersView.text(List.of(Handlers.SEGMENT_LOG, Handlers.FAILED), Screen.PLAIN))
                .isEqualTo(
                        """
                        ID  APP          HANDLER     EVENTS                        STATE    INVOKED  FAILED  TIMED OUT  RATE    P50    P99    MAX  RUNNING  BUNDLE
                        40  observer     History     observe/observed,transferred  failed         7       7          2   0/s   0 ms   0 ms   0 ms        0  11 org.callosum.apps.observer 1.0.0
                        31  segment-log  SegmentLog  observe,think,activity/*      running     1234       0          0  12/s  85 µs  12 ms  4.2 s        1  12 org.callosum.apps.segment-log 1.0.0

                        Problems:
                          observer/History (service 40, failed): java.lang.IllegalStateException: no\\u000ajournal
                        """);
    }

    @Test
    void whatMattersMostIsOnATerminalOfEightyColumns() {
        assertThat(HandlersView.table(List.of(Handlers.SEGMENT_LOG, Handlers.FAILED), new Screen(80, true))
                        .replaceAll("\u001b\\[\\d*m", ""))
                .isEqualTo(
                        """
                        ID  APP          HANDLER     EVENTS          STATE    INVOKED  FAILED  TIMED OUT
                        31  segment-log  SegmentLog  observe,think…  running     1234       0          0
                        40  observer     History     observe/obser…  failed         7       7          2
                        (no room for RATE, P50, P99, MAX, RUNNING, BUNDLE)
                        """);
    }

    @Test
    void filtersAndTimeLimitsOfTheirOwnAreBelowTheTable() {
        assertThat(HandlersView.text(List.of(Handlers.PICKY), Screen.PLAIN))
                .endsWith(
                        """

                        Filters and time limits:
                          door/Camera: wants (camera=\\u001b[2J*), asks for 5.0 s
                        """);
    }

    @Test
    void namesOfOthersAreShortenedAndFitForATerminal() {
        assertThat(HandlersView.text(List.of(Handlers.BAD), Screen.PLAIN))
                .isEqualTo(
                        """
                        ID  APP                    HANDLER        EVENTS  STATE  INVOKED  FAILED  TIMED OUT  RATE  P50  P99  MAX  RUNNING  BUNDLE
                        44  com.example.\\u001b[2J  Bad\\u202eName  -       bad          0       0          0   0/s    -    -    -        0  20 com.example.xxxxxxxxxxxxxxxxxxxxxxxxxxx… 0.1.0

                        Problems:
                          com.example.\\u001b[2J/Bad\\u202eName (service 44, bad): Service property 'tract' is missing: give a name, or '*' for all
                        """);
    }

    @Test
    void noHandlersAreSaidInASentence() {
        assertThat(HandlersView.text(List.of(), Screen.PLAIN)).isEqualTo("No handlers: no bundle has published one.\n");
    }

    @Test
    void oneThatWasNeverCalledTookNoTimeThatIsKnown() {
        assertThat(HandlersView.detail(Handlers.BAD, List.of(), NOW, Screen.PLAIN))
                .contains("Invoked     0, ", "Took        -\n");
    }

    @Test
    void oneHandlerIsShownWithWhatItThrewLastAndWhereItOverranAndWhatRunsNow() {
        assertThat(HandlersView.detail(Handlers.FAILED, List.of(), NOW, Screen.PLAIN))
                .isEqualTo(
                        """
                        Handler     observer/History, service 40
                        Bundle      11 org.callosum.apps.observer 1.0.0
                        Listens to  observe/observed, observe/transferred
                        State       failed
                        Problem     java.lang.IllegalStateException: no\\u000ajournal
                        Invoked     7, 0/s in the last ten seconds
                        Failed      7
                        Timed out   2
                        Running     0
                        Took        p50 0 ms, p99 0 ms, longest 0 ms
                        Held up     others waited 0 ms for it

                        Last failure, 2026-01-01T11:59:00Z, 1 min 0 s ago, on observe/observed:
                          java.lang.IllegalStateException: no\\u000ajournal
                            at com.example.History.<init>(History.java:7)
                            Caused by: java.io.IOException: \\u001b[2Jfull
                        """);
        InvocationStatus run = new InvocationStatus(
                "segment-log",
                "SegmentLog",
                "observe",
                "observed",
                InvocationStatus.State.SLOW,
                false,
                Duration.ofSeconds(2),
                "worker",
                List.of(new StackTraceElement("com.example.Disk", "write", "Disk.java", 1)));
        assertThat(HandlersView.detail(Handlers.SEGMENT_LOG, List.of(run), NOW, Screen.PLAIN))
                .endsWith(
                        """

                        Last time-out, 2026-01-01T11:00:00Z, 1 h 0 min ago; it was
                            at com.example.Lock.await(Lock.java:42)

                        Now running:
                        segment-log/SegmentLog on observe/observed, slow, for 2.0 s, on 'worker'
                            at com.example.Disk.write(Disk.java:1)
                        """);
    }

    @ParameterizedTest
    @CsvSource({
        "log, segment-log",
        "SEGMENT, segment-log",
        "segment-log/Seg, segment-log",
        "observe, 'observer,segment-log'",
        "observe/observed, observer",
        "think/*, segment-log",
        "*er, observer",
        "?bserver, observer",
        "apps.observer, observer",
        "nothing, ''",
        "observe., ''"
    })
    void aPatternIsWhatAnyOfItsNamesHolds(String pattern, String apps) {
        assertThat(HandlersView.matching(List.of(Handlers.FAILED, Handlers.SEGMENT_LOG), new NamePattern(pattern)))
                .extracting(handler -> handler.app())
                .isEqualTo(apps.isEmpty() ? List.of() : List.of(apps.split(",")));
    }

    @Test
    void scriptsGetAllOfItWithTheUnitsInTheNames() {
        assertThat(HandlersView.json(List.of(Handlers.FAILED, Handlers.SEGMENT_LOG)))
                .hasSize(2)
                .allSatisfy(json -> assertThat(Json.parseObject(Json.write(json)))
                        .containsOnlyKeys(
                                "id",
                                "app",
                                "handler",
                                "subscriptions",
                                "filter",
                                "timeoutNanos",
                                "bundleId",
                                "bundle",
                                "version",
                                "state",
                                "problem",
                                "invoked",
                                "failed",
                                "timedOut",
                                "running",
                                "perSecond",
                                "p50Nanos",
                                "p99Nanos",
                                "maxNanos",
                                "maxEvent",
                                "delayCausedNanos",
                                "lastFailure",
                                "lastOverrun",
                                "lastOverrunStack"));
        Map<String, Object> failed = HandlersView.json(List.of(Handlers.FAILED)).get(0);
        assertThat(failed).containsEntry("state", "failed").containsEntry("filter", null);
        assertThat(failed.get("lastFailure"))
                .isEqualTo(Fields.of(
                        "at", "2026-01-01T11:59:00Z",
                        "event", "observe/observed",
                        "error", "java.lang.IllegalStateException: no\njournal",
                        "trace", Handlers.FAILED.lastFailure().orElseThrow().trace()));
        assertThat(HandlersView.json(List.of(Handlers.SEGMENT_LOG)).get(0))
                .containsEntry("p99Nanos", 12_000_000L)
                .containsEntry("lastOverrunStack", List.of("com.example.Lock.await(Lock.java:42)"));
    }
}
