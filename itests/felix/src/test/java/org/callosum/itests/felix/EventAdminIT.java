// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.callosum.api.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The bridge to EventAdmin, with Felix's, whose time-out ends on a deny list. */
@Timeout(60)
class EventAdminIT {
    private static final String BRIDGE = "org.callosum.eventadmin";

    /** More than the bridge has EventAdmin queue before it hands on. */
    private static final int EVENTS = 40;

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withEventAdmin);

    private WireClient client;

    @BeforeEach
    void join() throws Exception {
        runtime.install(TestBundle.app("posting"));
        runtime.install(TestBundle.app("posted"));
        client = WireClient.join(runtime.framework().socket());
    }

    @AfterEach
    void leave() throws Exception {
        client.close();
        runtime.framework().gate.release(1_000);
        runtime.probe().configure(BRIDGE, Map.of());
    }

    @Test
    void aNamedTractIsPostedAndNoOther() throws Exception {
        bridge(Map.of("tracts", "weather"));

        client.send("{\"tract\":\"other\",\"event\":\"changed\",\"n\":1}");
        client.send("{\"tract\":\"weather\",\"event\":\"changed\",\"n\":2}");
        client.send("{\"tract\":\"weather\",\"event\":\"no topic.\",\"n\":3}");

        assertThat(runtime.nextCall()).isEqualTo("callosum/weather/changed 2");
        assertThat(runtime.nextCall()).isEqualTo("callosum/weather/no_topic_ 3");
    }

    @Test
    void aNamedTopicBecomesAMessageWithoutWhatJsonHasNoFormFor() throws Exception {
        bridge(Map.of("topics", "test/door/*", "tract", "osgi"));

        runtime.probe().post("test/window/opened", Map.of("n", 1));
        runtime.probe().post("test/door/opened", Map.of("n", 2, "door", new Object(), "tract", "mine"));

        Message message = client.next("osgi");
        assertThat(message.toMap())
                .containsEntry("event", "opened")
                .containsEntry("n", 2L)
                .containsEntry("event.topics", "test/door/opened")
                .containsOnlyKeys("tract", "event", "n", "event.topics", "ts");
        assertThat(runtime.awaitLog("left out")).startsWith("WARN 2 properties of EventAdmin's events");
    }

    @Test
    void whatCrossedIsNotSentBack() throws Exception {
        bridge(Map.of("tracts", "*", "topics", List.of("test/*", "callosum/*"), "tract", "osgi"));

        runtime.probe().post("test/opened", Map.of("n", 1));
        assertThat(client.next("osgi").event()).isEqualTo("opened");
        client.send("{\"tract\":\"osgi\",\"event\":\"closed\",\"n\":2}");
        assertThat(client.next("osgi").event()).isEqualTo("closed");
        assertThat(nextCalls(2)).containsExactly("test/opened 1", "callosum/osgi/closed 2");

        runtime.probe().post("test/opened", Map.of("n", 3));

        assertThat(client.next("osgi").longNumber("n")).contains(3L);
        assertThat(runtime.nextCall()).isEqualTo("test/opened 3");
    }

    @Test
    void aHandlerThatHangsBehindTheBridgeHoldsNeitherItNorTheBusUp() throws Exception {
        runtime.install(TestBundle.app("stuck"));
        runtime.install(TestBundle.app("echo"));
        bridge(Map.of("tracts", List.of("stuck", "weather"), "topics", "test/*", "tract", "osgi", "stallMillis", 500));

        // A handler's first event has no time limit in Felix: it gets the service while it hands that on.
        client.send("{\"tract\":\"stuck\",\"event\":\"first\"}");
        assertThat(nextCalls(2)).containsExactlyInAnyOrder("stuck entered", "callosum/stuck/first null");

        client.send("{\"tract\":\"stuck\",\"event\":\"now\"}");
        await("stuck").until(() -> runtime.framework().calls.contains("stuck entered"));
        for (int n = 1; n <= EVENTS; n++) {
            client.send("{\"tract\":\"weather\",\"event\":\"changed\",\"n\":" + n + "}");
        }
        client.send("{\"tract\":\"echo\",\"event\":\"asked\",\"n\":2}");

        assertThat(answer().longNumber("n")).as("answered while it hangs").contains(2L);
        await("the last has crossed while it hangs")
                .until(() -> runtime.framework().calls.contains("callosum/weather/changed " + EVENTS));
        assertThat(runtime.awaitLog("Denying event handler")).contains("Bundle(test.stuck");
        List<String> crossedAtOnce = runtime.calls();
        assertThat(crossedAtOnce).doesNotContain("stuck ended");
        runtime.probe().post("test/opened", Map.of("n", 3));
        assertThat(client.next("osgi").event()).isEqualTo("opened");

        runtime.framework().gate.release();

        await("all have crossed").untilAsserted(() -> assertThat(
                        Stream.concat(crossedAtOnce.stream(), runtime.framework().calls.stream()))
                .filteredOn(call -> call.startsWith("callosum/weather/"))
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, EVENTS)
                        .mapToObj(n -> "callosum/weather/changed " + n)
                        .toList()));
        runtime.probe().post("test/opened", Map.of("n", 4));
        assertThat(client.next("osgi").longNumber("n"))
                .as("by the bridge, not denied")
                .contains(4L);
        client.send("{\"tract\":\"weather\",\"event\":\"cleared\",\"n\":5}");
        await("posted").until(() -> runtime.framework().calls.contains("callosum/weather/cleared 5"));
    }

    @Test
    void withoutConfigurationOrAfterItsStopNothingOfItIsThere() throws Exception {
        assertNothingIsThere();
        bridge(Map.of("tracts", "*", "topics", "test/*", "tract", "osgi"));
        assertThat(threads()).containsExactlyInAnyOrder("callosum-to-eventadmin", "callosum-from-eventadmin");
        assertThat(handlers()).hasSize(3);

        runtime.probe().configure(BRIDGE, Map.of("queueEvents", 10));
        assertNothingIsThere();

        bridge(Map.of("tracts", "*", "topics", "test/*", "tract", "osgi"));
        assertThat(handlers()).hasSize(3);
        bundle().stop();
        try {
            assertNothingIsThere();
        } finally {
            bundle().start();
        }
    }

    /** Configures the bridge; when this returns it is at work. */
    private static void bridge(Map<String, Object> settings) {
        runtime.probe().configure(BRIDGE, settings);
    }

    private Message answer() throws InterruptedException {
        Message message = client.next("echo");
        while (!message.event().equals("answered")) {
            message = client.next("echo");
        }
        return message;
    }

    private static List<String> nextCalls(int count) throws InterruptedException {
        String[] calls = new String[count];
        for (int i = 0; i < count; i++) {
            calls[i] = runtime.nextCall();
        }
        return List.of(calls);
    }

    private static void assertNothingIsThere() {
        assertThat(threads()).isEmpty();
        assertThat(handlers()).isEmpty();
    }

    private static List<ServiceReference<?>> handlers() {
        ServiceReference<?>[] services = bundle().getRegisteredServices();
        return services == null
                ? List.of()
                : Stream.of(services)
                        .filter(service -> List.of((String[]) service.getProperty(Constants.OBJECTCLASS))
                                .contains("org.osgi.service.event.EventHandler"))
                        .toList();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.endsWith("-eventadmin"))
                .toList();
    }

    private static Bundle bundle() {
        return Stream.of(runtime.framework().context().getBundles())
                .filter(bundle -> bundle.getSymbolicName().equals(BRIDGE))
                .findFirst()
                .orElseThrow();
    }
}
