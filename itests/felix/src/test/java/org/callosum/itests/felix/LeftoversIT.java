// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import com.sun.management.UnixOperatingSystemMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** After an app's version has stopped, nothing of it is left. */
@Timeout(180)
class LeftoversIT {
    private static final int VERSIONS = 200;

    /** How many workers the pool has unless configured; they start as they are needed. */
    private static final int WORKERS = 4;

    private static final String HANDLED = """
            {"tract":"observe","event":"observed"}""";
    private static final String FAILED = """
            {"tract":"observe","event":"observed","do":"fail"}""";
    private static final String HUNG = """
            {"tract":"observe","event":"observed","do":"hang"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withBus);

    private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

    @Test
    void ofTwoHundredVersionsOfAnAppOnlyTheLastOneIsLeft() throws Exception {
        Bundle app = runtime.install(TestBundle.app("tidy"));
        live(app);
        Census before = Census.take();

        for (int version = 2; version <= VERSIONS; version++) {
            TestBundle next = TestBundle.app("tidy").inVersion(version + ".0.0");
            if (version % 10 == 0) {
                app.uninstall();
                app = runtime.install(next);
            } else {
                app.update(next.jar());
            }
            live(app);
        }

        assertThat(loaders).hasSize(VERSIONS);
        await("all class loaders but the last are collected")
                .atMost(60, TimeUnit.SECONDS)
                .until(() -> {
                    System.gc();
                    return left() == 1;
                });
        assertThat(loaders.get(VERSIONS - 1).get()).as("the last").isNotNull();
        // Retired workers and stopped timers end in a moment.
        await("threads, files and services are back at their numbers")
                .untilAsserted(() -> assertThat(Census.take()).isEqualTo(before));
        assertThat(runtime.probe().handlers("tidy")).singleElement().satisfies(handler -> assertThat(handler)
                .containsEntry("version", VERSIONS + ".0.0"));
    }

    @Test
    void aHandlerThatHangsKeepsItsOwnVersionAloneAndIsListedAsWhatItIs() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 50));
        Bundle app = runtime.install(TestBundle.app("tidy"));
        live(app);
        runtime.probe().dispatch(HUNG);

        app.update(TestBundle.app("tidy").inVersion("2.0.0").jar());
        live(app);
        app.update(TestBundle.app("tidy").inVersion("3.0.0").jar());
        live(app);

        await("the version that has nothing hanging is collected").until(() -> {
            System.gc();
            return loaders.get(1).get() == null;
        });
        assertThat(loaders.get(0).get()).as("the version that hangs").isNotNull();
        assertThat(runtime.probe().overruns()).singleElement().satisfies(overrun -> assertThat(overrun)
                .containsEntry("app", "tidy")
                .containsEntry("handler", "Tidy")
                .containsEntry("event", "observed")
                .hasEntrySatisfying(
                        "stack", stack -> assertThat(stack).asString().contains("Semaphore")));

        runtime.framework().gate.release();

        await("the version that hung is collected").until(() -> {
            System.gc();
            return loaders.get(0).get() == null;
        });
    }

    /** Has the app handle events, and fail on one. In a method of its own, so that no frame refers to the class loader. */
    private void live(Bundle app) {
        assertThat(runtime.probe().dispatch(HANDLED)).isEqualTo(1);
        assertThat(runtime.probe().dispatch(FAILED)).isEqualTo(1);
        assertThat(runtime.probe().dispatch(HANDLED)).isEqualTo(1);
        loaders.add(new WeakReference<>(app.adapt(BundleWiring.class).getClassLoader()));
        runtime.framework().log.clear();
    }

    private long left() {
        return loaders.stream().filter(loader -> loader.get() != null).count();
    }

    /**
     * What there is of things that an app could leave behind.
     *
     * @param threads how many of each role; a worker's number and its handler are no part of that, how many workers there are only
     *     if that is more than the pool has, and who is there while there is something to do only if there are several
     */
    private record Census(Map<String, Long> threads, long openFiles, Set<String> services) {
        private static final List<String> ON_DEMAND =
                List.of("callosum-bus-entrance", "callosum-bus-log", "callosum-reports", "callosum-facts");

        static Census take() throws Exception {
            Map<String, Long> threads = Thread.getAllStackTraces().keySet().stream()
                    .map(thread -> thread.getName().replaceAll("[0-9]+.*", "N"))
                    .filter(name -> !name.startsWith("awaitility"))
                    .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
            threads.computeIfPresent("callosum-worker-N", (name, count) -> count <= WORKERS ? null : count);
            ON_DEMAND.forEach(each -> threads.computeIfPresent(each, (name, count) -> count == 1 ? null : count));
            var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            Set<String> services = Arrays.stream(runtime.framework().context().getAllServiceReferences(null, null))
                    .map(service -> service.getBundle().getSymbolicName() + " "
                            + Arrays.toString((String[]) service.getProperty("objectClass")) + " "
                            + service.getProperty("component.name"))
                    .collect(Collectors.toSet());
            return new Census(threads, system.getOpenFileDescriptorCount(), services);
        }
    }
}
