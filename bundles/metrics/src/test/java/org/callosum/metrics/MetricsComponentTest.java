// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;

import static org.assertj.core.api.Assertions.assertThat;

/** What the component says in the log: sentences, and their values behind them. */
@SuppressWarnings("try") // a runtime that only has to be there
@Timeout(30)
class MetricsComponentTest {
    private static final String NAME = "org.callosum:type=Runtime";

    private final RecordingLogger log = new RecordingLogger();
    private MetricsComponent component;

    @AfterEach
    void close() {
        if (component != null) {
            component.deactivate();
        }
    }

    @Test
    void itSaysWhereTheMetricsAre() throws Exception {
        int port = freePort();

        open("127.0.0.1", port, "/numbers");

        assertThat(log.lines())
                .containsExactly("INFO Metrics are on http://127.0.0.1:" + port + "/numbers [host=127.0.0.1 port="
                        + port + " path=/numbers]");
    }

    @Test
    void whereNothingIsSetItSaysNothing() {
        open("127.0.0.1", 0, "/metrics");

        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aPathThatIsNoneIsSaidWithWhatIsUsed() {
        open("127.0.0.1", 0, "my numbers");

        assertThat(log.lines())
                .containsExactly(
                        "WARN Setting 'path' of org.callosum.metrics is 'my numbers', which does not begin with a"
                                + " slash: /metrics is used [configuration=org.callosum.metrics setting=path"
                                + " value=\"my numbers\" used=/metrics]");
    }

    @Test
    void aHostThatIsNoneIsSaid() {
        open("[x]", 9, "/metrics");

        assertThat(log.lines())
                .containsExactly("ERROR Metrics are not served: host '[x]' of org.callosum.metrics is unknown"
                        + " [configuration=org.callosum.metrics host=\"[x]\" port=9]");
    }

    @Test
    void aPortThatIsTakenIsSaidWithTheReason() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();

            open("127.0.0.1", port, "/metrics");

            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("ERROR Metrics are not served on host '127.0.0.1' and port " + port + ": ")
                    .containsPattern("Set others in org\\.callosum\\.metrics \\[configuration=org\\.callosum\\.metrics"
                            + " host=127\\.0\\.0\\.1 port=" + port + " reason=(\"[^\"]+\"|\\S+)]$");
        }
    }

    @Test
    void aSecondRuntimeInTheSameJvmIsNotOverJmxAndSaysSo() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = new ObjectName(NAME);
        FakeCore core = new FakeCore();
        RecordingLogger first = new RecordingLogger();
        try (JmxBeans beans = new JmxBeans(numbers(core), first.logger())) {
            open("127.0.0.1", 0, "/metrics");

            assertThat(first.lines()).isEmpty();
            assertThat(log.lines())
                    .containsExactly("WARN Another runtime in this JVM is " + NAME
                            + " already: this one is not over JMX [mbean=\"" + NAME + "\"]");
            component.deactivate();
            component = null;
            assertThat(server.isRegistered(name)).as("the first one's").isTrue();
        }
        assertThat(server.isRegistered(name)).isFalse();
    }

    @Test
    void whatSomebodyElseHasUnregisteredIsNoFailure() throws Exception {
        JmxBeans beans = new JmxBeans(numbers(new FakeCore()), log.logger());
        ManagementFactory.getPlatformMBeanServer().unregisterMBean(new ObjectName(NAME));

        beans.close();
        beans.close();

        assertThat(log.lines())
                .containsExactly("DEBUG " + NAME + " was not registered any more [mbean=\"" + NAME + "\"]");
    }

    private static RuntimeNumbers numbers(FakeCore core) {
        return new RuntimeNumbers(core.bridge, core.dispatcher, core.health, "1.2.3");
    }

    private void open(String host, int port, String path) {
        FakeCore core = new FakeCore();
        component = new MetricsComponent(
                context(), core.bridge, core.dispatcher, core.health, log.logger(), config(host, port, path));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return free.getLocalPort();
        }
    }

    /** Of a bundle that registers services nobody asks for. */
    private static BundleContext context() {
        Bundle bundle = fake(Bundle.class, "getVersion", new Version(1, 2, 3));
        return (BundleContext) Proxy.newProxyInstance(
                MetricsComponentTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "getBundle" -> bundle;
                    case "registerService" -> fake(ServiceRegistration.class, "unregister", null);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static <T> T fake(Class<T> type, String known, Object answer) {
        return type.cast(Proxy.newProxyInstance(
                MetricsComponentTest.class.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo(known);
                    return answer;
                }));
    }

    private static MetricsComponent.Config config(String host, int port, String path) {
        Map<String, Object> values = Map.of("host", host, "port", port, "path", path, "servlet", false, "tracts", 20);
        return (MetricsComponent.Config) Proxy.newProxyInstance(
                MetricsComponentTest.class.getClassLoader(),
                new Class<?>[] {MetricsComponent.Config.class},
                (self, method, arguments) -> values.get(method.getName()));
    }
}
