// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import org.callosum.api.Printable;
import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.Health;
import org.callosum.core.InvocationStatus;
import org.callosum.core.LatencyStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.transport.TransportStatus;

/**
 * The core's numbers as Prometheus' metrics. Names follow its conventions; how many samples there are is bounded, whatever apps
 * and clients call themselves and their events.
 *
 * <p><b>Threads.</b> Any.
 */
final class Metrics {
    /** How many handlers have labels of their own; those that came last are one. */
    static final int MAX_HANDLERS = 500;

    private static final int MAX_NAME = 100;

    private final Bridge bridge;
    private final Dispatcher dispatcher;
    private final Health health;
    private final TopTracts tracts;
    private final String version;

    Metrics(Bridge bridge, Dispatcher dispatcher, Health health, TopTracts tracts, String version) {
        this.bridge = bridge;
        this.dispatcher = dispatcher;
        this.health = health;
        this.tracts = tracts;
        this.version = version;
    }

    /** All of them now. */
    MetricSnapshots collect() {
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(InfoSnapshot.builder()
                .name("callosum_build")
                .help("The version of the runtime.")
                .dataPoint(InfoSnapshot.InfoDataPointSnapshot.builder()
                        .labels(Labels.of("version", version))
                        .build())
                .build());
        BridgeStatus status = bridge.status();
        addBridge(all, status);
        status.transport().ifPresent(transport -> all.addAll(BusMetric.of(transport.counters())));
        addTracts(all, status);
        addHandlers(all, dispatcher.handlers(), dispatcher.latencies());
        addParked(all, dispatcher.parked());
        addHealth(all);
        return new MetricSnapshots(all);
    }

    private void addBridge(List<MetricSnapshot> all, BridgeStatus status) {
        boolean isUp = status.transport().map(TransportStatus::up).orElse(false);
        String mode = status.transport().map(TransportStatus::mode).orElse("none");
        all.add(new Family("callosum_bus_up", "Whether messages can be exchanged with the bus.")
                .add(Labels.of("mode", mode), isUp ? 1 : 0)
                .gauge());
        gauge(all, "callosum_dispatching", "Whether events are dispatched.", status.dispatching() ? 1 : 0);
        counter(all, "callosum_events_received", "Events received, the own ones included.", status.received());
        counter(all, "callosum_events_dispatched", "Events dispatched.", status.dispatched());
        counter(all, "callosum_events_given_up", "Events given up because the queue was full.", status.givenUp());
        counter(all, "callosum_messages_emitted", "Messages accepted from this runtime's bundles.", status.emitted());
        counter(all, "callosum_messages_refused", "Messages of this runtime's bundles refused.", status.refused());
        gauge(all, "callosum_queue_events", "Events received and not yet dispatched.", status.queued());
        gauge(all, "callosum_queue_bytes", "The length of those in memory.", status.queuedBytes());
        seconds(all, "callosum_queue_oldest_seconds", "How long the oldest has waited.", status.oldestQueued());
        gauge(all, "callosum_spill_events", "Those of them on disk and not in memory.", status.spilled());
        gauge(all, "callosum_spill_bytes", "The size of the files that they are in.", status.spilledBytes());
        seconds(
                all,
                "callosum_spill_oldest_seconds",
                "How long the oldest on disk has waited.",
                status.oldestSpilled());
        seconds(
                all,
                "callosum_event_under_way_seconds",
                "How long the event that is dispatched now has been so.",
                dispatcher.underWay());
    }

    private void addTracts(List<MetricSnapshot> all, BridgeStatus status) {
        Family received = new Family(
                "callosum_tract_events_received",
                "Events received by tract. 'other' is every tract that came when all labels were taken.");
        tracts.of(bridge.tracts(), status.received())
                .forEach((tract, count) -> received.add(Labels.of("tract", tract), count));
        all.add(received.counter());
    }

    private void addHandlers(List<MetricSnapshot> all, List<HandlerStatus> handlers, List<LatencyStatus> latencies) {
        Family states = new Family("callosum_handlers", "Handlers by state.");
        for (HandlerStatus.State state : HandlerStatus.State.values()) {
            states.add(Labels.of("state", name(state)), 0);
        }
        Family invoked = new Family("callosum_handler_invocations", "How often the handler was invoked.");
        Family failed = new Family("callosum_handler_failures", "How often it threw, or could not be had.");
        Family timedOut = new Family("callosum_handler_timeouts", "How often it overran its time limit.");
        Family running = new Family("callosum_handler_running", "Invocations that run now, written-off ones included.");
        Family quarantined = new Family("callosum_handler_quarantined", "Whether it is in quarantine.");
        Family delay = new Family(
                "callosum_handler_delay_caused_seconds", "How long events waited behind its slow invocations, in all.");
        Durations durations = new Durations("callosum_handler_duration_seconds", "How long its invocations took.");
        Map<Long, Labels> labels = new HashMap<>();
        for (HandlerStatus handler : handlers) {
            Labels its = labels.size() < MAX_HANDLERS
                    ? label(handler.app(), handler.name())
                    : label(TopTracts.OTHER, TopTracts.OTHER);
            labels.put(handler.serviceId(), its);
            states.add(Labels.of("state", name(handler.state())), 1);
            invoked.add(its, handler.invoked());
            failed.add(its, handler.failed());
            timedOut.add(its, handler.timedOut());
            running.add(its, handler.running());
            quarantined.add(its, handler.state() == HandlerStatus.State.QUARANTINED ? 1 : 0);
            delay.add(its, handler.times().delayCaused().toNanos() / 1e9);
        }
        for (LatencyStatus latency : latencies) {
            Labels its = labels.get(latency.serviceId());
            if (its != null) { // it may have come since
                durations.add(its, latency);
            }
        }
        all.addAll(List.of(
                states.gauge(),
                invoked.counter(),
                failed.counter(),
                timedOut.counter(),
                running.gauge(),
                quarantined.gauge(),
                delay.counter(),
                durations.histogram()));
        gauge(
                all,
                "callosum_written_off_invocations",
                "Invocations that overran their time limit and still run.",
                dispatcher.slow().stream()
                        .filter(each -> each.state() == InvocationStatus.State.WRITTEN_OFF)
                        .count());
    }

    private static void addParked(List<MetricSnapshot> all, Collection<ParkedStatus> parked) {
        gauge(
                all,
                "callosum_parked_apps",
                "Apps that are away, as in an update, or have a handler in quarantine: events are kept for them.",
                parked.size());
        gauge(
                all,
                "callosum_parked_events",
                "Events that are kept for them.",
                parked.stream().mapToLong(ParkedStatus::events).sum());
        gauge(
                all,
                "callosum_parked_bytes",
                "The length of those.",
                parked.stream().mapToLong(ParkedStatus::bytes).sum());
    }

    private void addHealth(List<MetricSnapshot> all) {
        Family states =
                new Family("callosum_health", "What the health checks found: 0 is well, 1 a warning, 2 critical.");
        health.check()
                .forEach(check -> states.add(
                        Labels.of("check", check.check()), check.state().ordinal()));
        all.add(states.gauge());
    }

    private static void counter(List<MetricSnapshot> all, String name, String help, long value) {
        all.add(Family.of(name, help, value).counter());
    }

    private static void gauge(List<MetricSnapshot> all, String name, String help, long value) {
        all.add(Family.of(name, help, value).gauge());
    }

    private static void seconds(List<MetricSnapshot> all, String name, String help, Duration value) {
        all.add(Family.of(name, help, value.toNanos() / 1e9).gauge());
    }

    private static Labels label(String app, String handler) {
        return Labels.of("app", Printable.of(app, MAX_NAME), "handler", Printable.of(handler, MAX_NAME));
    }

    private static String name(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
