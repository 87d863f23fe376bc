// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.HandlerTimes;
import org.callosum.core.Health;
import org.callosum.core.HealthStatus;
import org.callosum.core.LatencyStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.core.TractStatus;
import org.callosum.transport.TransportStatus;

import static org.assertj.core.api.Assertions.assertThat;

/** A core with some numbers, to be looked at; whatever else is asked of it fails the test. */
final class FakeCore {
    final List<HandlerStatus> handlers = new ArrayList<>();
    final List<LatencyStatus> latencies = new ArrayList<>();
    final List<TractStatus> tracts = new ArrayList<>();
    final Map<String, Long> counters = new HashMap<>();
    HealthStatus.State queueHealth = HealthStatus.State.OK;

    final Bridge bridge = fake(Bridge.class);
    final Dispatcher dispatcher = fake(Dispatcher.class);
    final Health health = fake(Health.class);

    FakeCore() {
        counters.put("framesIn", 70L);
        counters.put("heldUpMillis", 1_500L);
        counters.put("clients", 2L);
        tracts.add(new TractStatus("observe", 60));
        tracts.add(new TractStatus("a\"b\n", 30));
    }

    /** Adds a handler that was invoked ten times, nine of them for less than a millisecond. */
    FakeCore with(long id, String app, String name, HandlerStatus.State state) {
        handlers.add(new HandlerStatus(
                id,
                app,
                name,
                List.of(),
                "",
                Optional.empty(),
                7,
                "bundle",
                "1.0.0",
                state,
                10,
                2,
                1,
                1,
                0,
                new HandlerTimes(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(9),
                        "a/b",
                        Duration.ofMillis(250),
                        Optional.empty(),
                        List.of()),
                Optional.empty(),
                ""));
        latencies.add(new LatencyStatus(
                id,
                10,
                Duration.ofMillis(20),
                List.of(
                        new LatencyStatus.Bucket(Duration.ofMillis(1), 9),
                        new LatencyStatus.Bucket(Duration.ofMillis(10), 9))));
        return this;
    }

    Metrics metrics(int places) {
        return new Metrics(bridge, dispatcher, health, new TopTracts(places), "1.2.3");
    }

    private <T> T fake(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                FakeCore.class.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Object answer = answer(method.getName());
                    assertThat(answer).as(method.getName()).isNotNull();
                    return answer;
                }));
    }

    private Object answer(String method) {
        return switch (method) {
            case "status" ->
                new BridgeStatus(
                        true,
                        Optional.of(new TransportStatus("server", "/s", true, counters)),
                        5,
                        500,
                        Duration.ofMillis(1_250),
                        1,
                        100,
                        Duration.ofMillis(1_250),
                        100,
                        95,
                        0,
                        12,
                        3);
            case "tracts" -> tracts;
            case "handlers" -> handlers;
            case "latencies" -> latencies;
            case "underWay" -> Duration.ofMillis(750);
            case "parked" ->
                List.of(new ParkedStatus(
                        "greeter",
                        5,
                        "greeter",
                        ParkedStatus.State.AWAY,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        4,
                        128,
                        4,
                        0,
                        0));
            case "slow" -> List.of();
            case "check" ->
                Stream.of("bus", "queue")
                        .map(name -> new HealthStatus(
                                name, name.equals("queue") ? queueHealth : HealthStatus.State.OK, "as it is\u001b"))
                        .toList();
            default -> null;
        };
    }
}
