// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Felix's own executor of Health Checks runs ours. What happens to them where its API is not there is {@link MonitoringIT}'s, whose
 * framework has none.
 */
@Timeout(120)
class HealthCheckIT {
    private static final String EXECUTOR = "org.apache.felix.hc.api.execution.HealthCheckExecutor";
    private static final String SELECTOR = "org.apache.felix.hc.api.execution.HealthCheckSelector";
    private static final String OPTIONS = "org.apache.felix.hc.api.execution.HealthCheckExecutionOptions";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withHealthChecks);

    @Test
    void allIsWell() throws Exception {
        assertThat(executed("callosum"))
                .isEqualTo(Map.of(
                        "callosum bus", "OK",
                        "callosum dispatcher", "OK",
                        "callosum handlers", "OK",
                        "callosum parked", "OK",
                        "callosum queue", "OK"));
    }

    @Test
    void oneOfThemIsRunByItsTag() throws Exception {
        assertThat(executed("queue")).isEqualTo(Map.of("callosum queue", "OK"));
    }

    @Test
    void aHandlerInQuarantineIsAWarning() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 50, "quarantineAfter", 1, "coolDownMillis", 3_600_000));
        runtime.install(TestBundle.app("gated"));
        runtime.probe().dispatch("""
                {"tract":"gate","event":"reached"}""");
        runtime.awaitLog("quarantine");
        try {
            assertThat(executed("callosum"))
                    .containsEntry("callosum handlers", "WARN")
                    .containsEntry("callosum bus", "OK");
            try (Gogo gogo = new Gogo(runtime.framework().context())) {
                assertThat(gogo.run("hc:exec handlers")).contains("WARN", "1 in quarantine (gated/Gated)");
            }
        } finally {
            runtime.framework().gate.release();
        }
    }

    @Test
    void withoutABusItIsCriticalUntilItIsBack() throws Exception {
        Bundle bus = bundle("org.callosum.bus");
        bus.stop();
        try {
            assertThat(executed("callosum")).containsEntry("callosum bus", "CRITICAL");
        } finally {
            bus.start();
        }
        await("the bus is up").untilAsserted(() -> assertThat(executed("bus")).containsEntry("callosum bus", "OK"));
    }

    @Test
    void aBundleThatStopsTakesItsChecksAlong() throws Exception {
        Bundle metrics = bundle("org.callosum.metrics");
        metrics.stop();
        try {
            assertThat(executed("callosum")).isEmpty();
        } finally {
            metrics.start();
        }
        assertThat(executed("callosum")).hasSize(5);
    }

    /** Names and states of the checks with a tag, run now; by reflection, for the test has none of these classes. */
    private static Map<String, String> executed(String tag) throws Exception {
        BundleContext context = runtime.framework().context();
        ServiceReference<?> reference = context.getServiceReference(EXECUTOR);
        Object executor = context.getService(reference);
        ClassLoader classes = reference.getBundle().adapt(BundleWiring.class).getClassLoader();
        Class<?> selectorType = classes.loadClass(SELECTOR);
        Object selector = selectorType.getMethod("tags", String[].class).invoke(null, (Object) new String[] {tag});
        Class<?> optionsType = classes.loadClass(OPTIONS);
        Object options = optionsType.getConstructor().newInstance();
        optionsType.getMethod("setForceInstantExecution", boolean.class).invoke(options, true);
        List<?> results = (List<?>) classes.loadClass(EXECUTOR)
                .getMethod("execute", selectorType, optionsType)
                .invoke(executor, selector, options);
        Map<String, String> states = new TreeMap<>();
        for (Object each : results) {
            Class<?> type = classes.loadClass("org.apache.felix.hc.api.execution.HealthCheckExecutionResult");
            Object metadata = type.getMethod("getHealthCheckMetadata").invoke(each);
            Object result = type.getMethod("getHealthCheckResult").invoke(each);
            states.put(
                    (String) metadata.getClass().getMethod("getName").invoke(metadata),
                    result.getClass().getMethod("getStatus").invoke(result).toString());
        }
        return states;
    }

    private static Bundle bundle(String name) {
        return Arrays.stream(runtime.framework().context().getBundles())
                .filter(each -> each.getSymbolicName().equals(name))
                .findAny()
                .orElseThrow();
    }
}
