// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.Map;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

import org.callosum.core.HandlerStatus.State;
import org.callosum.core.HealthStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a JMX client gets, which has no class of ours. */
class RuntimeNumbersTest {
    private final FakeCore core = new FakeCore();
    private final MBeanServer server = MBeanServerFactory.newMBeanServer();
    private ObjectName name;

    @BeforeEach
    void register() throws Exception {
        name = new ObjectName("test:type=Runtime");
        server.registerMBean(new RuntimeNumbers(core.bridge, core.dispatcher, core.health, "1.2.3"), name);
    }

    @Test
    void everyAttributeCanBeRead() throws Exception {
        core.with(42, "observer", "History", State.ACTIVE);
        for (var attribute : server.getMBeanInfo(name).getAttributes()) {
            assertThat(server.getAttribute(name, attribute.getName()))
                    .as(attribute.getName())
                    .isNotNull();
        }
        assertThat(server.getAttribute(name, "Version")).isEqualTo("1.2.3");
        assertThat(server.getAttribute(name, "BusUp")).isEqualTo(true);
        assertThat(server.getAttribute(name, "Received")).isEqualTo(100L);
        assertThat(server.getAttribute(name, "OldestQueuedMillis")).isEqualTo(1_250L);
        assertThat(server.getAttribute(name, "UnderWayMillis")).isEqualTo(750L);
        assertThat(server.getAttribute(name, "ParkedEvents")).isEqualTo(4L);
    }

    @Test
    void handlersAreATable() throws Exception {
        core.with(42, "observer", "History", State.QUARANTINED);

        TabularData handlers = (TabularData) server.getAttribute(name, "Handlers");
        CompositeData row = (CompositeData) handlers.get(new Object[] {42L}).get("value");

        assertThat(row.get("app")).isEqualTo("observer");
        assertThat(row.get("name")).isEqualTo("History");
        assertThat(row.get("state")).isEqualTo("QUARANTINED");
        assertThat(row.get("invoked")).isEqualTo(10L);
        assertThat(row.get("p99Millis")).isEqualTo(5.0);
        assertThat(row.get("delayCausedMillis")).isEqualTo(250L);
        assertThat(server.getAttribute(name, "QuarantinedCount")).isEqualTo(1);
    }

    @Test
    void theWorstOfTheChecksIsTold() throws Exception {
        core.queueHealth = HealthStatus.State.CRITICAL;

        assertThat(server.getAttribute(name, "WorstHealth")).isEqualTo("CRITICAL");
        assertThat(((TabularData) server.getAttribute(name, "Health")).values())
                .extracting(row -> ((CompositeData) row).get("value"))
                .containsExactly("OK: as it is\\u001b", "CRITICAL: as it is\\u001b");
    }

    @Test
    void theBusCountersAreATable() throws Exception {
        TabularData counters = (TabularData) server.getAttribute(name, "BusCounters");

        assertThat(counters.size()).isEqualTo(Map.copyOf(core.counters).size());
        assertThat(counters.get(new Object[] {"framesIn"}).get("value")).isEqualTo(70L);
    }
}
