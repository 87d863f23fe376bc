// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.List;

import org.callosum.core.HandlerStatus.State;
import org.callosum.core.HealthStatus;
import org.callosum.core.TractStatus;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** What Prometheus gets. */
class MetricsTest {
    private final FakeCore core = new FakeCore();

    @Test
    void promtoolHasNothingToObject() throws Exception {
        core.with(1, "observer", "History", State.ACTIVE).with(2, "evil\u001b\"\\\n", "\ud800 Ω", State.QUARANTINED);

        assertThat(Promtool.check(page().getBytes(UTF_8), "check", "metrics")).isEmpty();
    }

    @Test
    void eachMetricHasOneHelpOneTypeAndANameOfOurs() {
        core.with(1, "observer", "History", State.ACTIVE);
        List<String> lines = page().lines().toList();
        List<String> helped = lines.stream()
                .filter(line -> line.startsWith("# HELP "))
                .map(MetricsTest::third)
                .toList();
        List<String> typed = lines.stream()
                .filter(line -> line.startsWith("# TYPE "))
                .map(MetricsTest::third)
                .toList();

        assertThat(helped).doesNotHaveDuplicates().allMatch(name -> name.matches("callosum_[a-z0-9_]+"));
        assertThat(typed).isEqualTo(helped);
    }

    @Test
    void theBridgesNumbersAreThere() {
        assertThat(page().lines())
                .contains(
                        "callosum_build_info{version=\"1.2.3\"} 1",
                        "callosum_bus_up{mode=\"server\"} 1.0",
                        "callosum_dispatching 1.0",
                        "callosum_events_received_total 100.0",
                        "callosum_events_dispatched_total 95.0",
                        "callosum_messages_emitted_total 12.0",
                        "callosum_messages_refused_total 3.0",
                        "callosum_queue_events 5.0",
                        "callosum_queue_bytes 500.0",
                        "callosum_queue_oldest_seconds 1.25",
                        "callosum_spill_events 1.0",
                        "callosum_event_under_way_seconds 0.75",
                        "callosum_parked_apps 1.0",
                        "callosum_parked_events 4.0",
                        "callosum_parked_bytes 128.0");
    }

    @Test
    void theBusCountersHaveTheirUnitsAndWhatTheBusHasNotIsNotThere() {
        assertThat(page().lines())
                .contains(
                        "callosum_bus_received_frames_total 70.0",
                        "callosum_bus_held_up_seconds_total 1.5",
                        "callosum_bus_clients 2.0")
                .noneMatch(line -> line.contains("reconnects"));
    }

    @Test
    void aHandlerHasItsNumbersAndTheHistogramOfItsDurations() {
        core.with(1, "observer", "History", State.ACTIVE).with(2, "door", "Bell", State.QUARANTINED);
        String label = "{app=\"observer\",handler=\"History\"";

        assertThat(page().lines())
                .contains(
                        "callosum_handlers{state=\"active\"} 1.0",
                        "callosum_handlers{state=\"quarantined\"} 1.0",
                        "callosum_handlers{state=\"bad\"} 0.0",
                        "callosum_handler_invocations_total" + label + "} 10.0",
                        "callosum_handler_failures_total" + label + "} 2.0",
                        "callosum_handler_timeouts_total" + label + "} 1.0",
                        "callosum_handler_running" + label + "} 1.0",
                        "callosum_handler_quarantined" + label + "} 0.0",
                        "callosum_handler_quarantined{app=\"door\",handler=\"Bell\"} 1.0",
                        "callosum_handler_delay_caused_seconds_total" + label + "} 0.25",
                        "callosum_handler_duration_seconds_bucket" + label + ",le=\"0.001\"} 9",
                        "callosum_handler_duration_seconds_bucket" + label + ",le=\"0.01\"} 9",
                        "callosum_handler_duration_seconds_bucket" + label + ",le=\"+Inf\"} 10",
                        "callosum_handler_duration_seconds_count" + label + "} 10",
                        "callosum_handler_duration_seconds_sum" + label + "} 0.02");
    }

    @Test
    void handlersOfTheSameNamesAreOne() {
        core.with(1, "observer", "History", State.PARKED).with(2, "observer", "History", State.ACTIVE);

        assertThat(page().lines())
                .contains(
                        "callosum_handler_invocations_total{app=\"observer\",handler=\"History\"} 20.0",
                        "callosum_handler_duration_seconds_count{app=\"observer\",handler=\"History\"} 20");
    }

    @Test
    void howeverManyHandlersThereAreTheirLabelsAreBounded() {
        for (int i = 0; i < Metrics.MAX_HANDLERS + 3; i++) {
            core.with(i, "a", "h" + i, State.ACTIVE);
        }

        assertThat(page().lines())
                .contains("callosum_handler_invocations_total{app=\"other\",handler=\"other\"} 30.0")
                .filteredOn(line -> line.startsWith("callosum_handler_invocations_total{"))
                .hasSize(Metrics.MAX_HANDLERS + 1);
    }

    @Test
    void longNamesAreCutAndWhatIsNotPrintableIsEscaped() {
        core.with(1, "x".repeat(5_000), "\u202eevil", State.ACTIVE);

        assertThat(page().lines())
                .anyMatch(line -> line.startsWith("callosum_handler_running{app=\"xxx")
                        && line.contains("\\\\u202eevil")
                        && line.length() < 200);
    }

    @Test
    void tractsAreBoundedAndTheRestIsOther() {
        core.tracts.add(new TractStatus("third", 4));

        assertThat(page(2).lines())
                .contains(
                        "callosum_tract_events_received_total{tract=\"observe\"} 60.0",
                        "callosum_tract_events_received_total{tract=\"a\\\"b\\\\u000a\"} 30.0",
                        "callosum_tract_events_received_total{tract=\"other\"} 10.0")
                .noneMatch(line -> line.contains("third"));
    }

    @Test
    void healthIsANumber() {
        core.queueHealth = HealthStatus.State.CRITICAL;

        assertThat(page().lines())
                .contains("callosum_health{check=\"bus\"} 0.0", "callosum_health{check=\"queue\"} 2.0");
    }

    @Test
    void whoAsksForOpenMetricsGetsIt() {
        var page = new MetricsPage(core.metrics(20)::collect);

        var text = page.write("application/openmetrics-text; version=1.0.0");

        assertThat(text.contentType()).startsWith("application/openmetrics-text");
        assertThat(new String(text.body(), UTF_8))
                .contains("# UNIT callosum_queue_oldest_seconds seconds")
                .endsWith("# EOF\n");
        assertThat(page.write("*/*").contentType()).startsWith("text/plain; version=0.0.4");
    }

    private String page() {
        return page(20);
    }

    private String page(int places) {
        return new String(
                new MetricsPage(core.metrics(places)::collect).write(null).body(), UTF_8);
    }

    private static String third(String line) {
        return line.split(" ")[2];
    }
}
