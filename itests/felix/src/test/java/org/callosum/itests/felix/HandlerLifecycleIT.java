// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

/** What becomes of handlers whose bundles come, change and go while events are dispatched. */
@Timeout(60)
class HandlerLifecycleIT {
    private static final String OBSERVED = """
            {"tract":"observe","event":"observed","day":"20260101"}""";
    private static final String AT_THE_GATE = """
            {"tract":"gate","event":"reached"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withCore);

    @Test
    void handlersComeAndGoWithTheirBundle() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("annotated"));
        assertThat(runtime.probe().dispatch(OBSERVED)).as("installed").isEqualTo(1);

        bundle.stop();
        assertThat(runtime.probe().dispatch(OBSERVED)).as("stopped").isZero();
        assertThat(runtime.probe().handlers()).isEmpty();

        bundle.start();
        assertThat(runtime.probe().dispatch(OBSERVED)).as("started again").isEqualTo(1);

        bundle.uninstall();
        assertThat(runtime.probe().dispatch(OBSERVED)).as("uninstalled").isZero();
        assertThat(runtime.calls()).hasSize(2);
    }

    @Test
    void anUpdateReplacesTheHandlers() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("annotated"));
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);

        bundle.update(TestBundle.app("annotated").inVersion("2.0.0").jar());

        assertThat(runtime.probe().handlers()).extracting("version").containsExactly("2.0.0");
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.calls()).hasSize(2);
    }

    @Test
    void anAppThatIsUpdatedUnderTrafficAndItsNeighbourGetEveryEventOnce() throws Exception {
        int events = 3_000;
        Bundle updated = runtime.install(TestBundle.app("annotated"));
        runtime.install(TestBundle.app("declared"));
        CompletableFuture<Void> traffic = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < events; i++) {
                runtime.probe().dispatch(OBSERVED);
            }
        });
        int version = 1;
        while (!traffic.isDone()) {
            updated.update(
                    TestBundle.app("annotated").inVersion(++version + ".0.0").jar());
        }
        traffic.get(10, TimeUnit.SECONDS);

        List<String> calls = new ArrayList<>();
        while (calls.size() < 2 * events) {
            String call = runtime.framework().calls.poll(10, TimeUnit.SECONDS);
            assertThat(call)
                    .as("call %s; the log says %s", calls.size() + 1, runtime.framework().log)
                    .isNotNull();
            calls.add(call);
        }
        assertThat(runtime.probe().dispatch(OBSERVED))
                .as("nothing is parked any more")
                .isEqualTo(2);
        calls.addAll(runtime.calls());
        assertThat(calls).filteredOn(call -> call.startsWith("annotated ")).hasSize(events + 1);
        assertThat(calls).filteredOn(call -> call.startsWith("declared ")).hasSize(events + 1);
        assertThat(version).as("versions").isGreaterThan(2);
    }

    @Test
    void aRefreshedBundlesHandlersAreBack() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("annotated"));
        Object before = runtime.probe().handlers().get(0).get("serviceId");

        refresh(List.of(bundle));

        assertThat(runtime.probe().handlers()).singleElement().satisfies(handler -> assertThat(handler.get("serviceId"))
                .isNotEqualTo(before));
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
    }

    @Test
    void whenTheApiIsRefreshedTheRuntimeAndItsAppsComeBackWithIt() throws Exception {
        runtime.install(TestBundle.app("annotated"));
        runtime.install(TestBundle.app("declared"));
        Bundle api = List.of(runtime.framework().context().getBundles()).stream()
                .filter(bundle -> "org.callosum.api".equals(bundle.getSymbolicName()))
                .findAny()
                .orElseThrow();

        refresh(List.of(api));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(2);
        assertThat(runtime.calls()).hasSize(2);
    }

    @Test
    void twoVersionsOfAnAppWorkSideBySide() throws Exception {
        runtime.install(TestBundle.app("annotated").inVersion("1.0.0"));
        Bundle second = runtime.install(TestBundle.app("annotated").inVersion("2.0.0"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(2);
        assertThat(runtime.probe().handlers())
                .extracting("app", "version", "invoked")
                .containsExactly(tuple("annotated", "1.0.0", 1L), tuple("annotated", "2.0.0", 1L));

        second.uninstall();
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        // For a moment it may count as one that is away and comes back.
        await().untilAsserted(() ->
                assertThat(runtime.probe().handlers()).extracting("version").containsExactly("1.0.0"));
    }

    @Test
    void aHandlerThatComesDuringADispatchIsCalledFromTheNextOneOn() throws Exception {
        runtime.install(TestBundle.app("registrar"));
        runtime.install(TestBundle.app("gated"));
        CompletableFuture<Integer> underWay = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");

        runtime.probe().register(Map.of("name", "newcomer", "tract", "gate", "event", "reached"));
        runtime.framework().gate.release(2);

        assertThat(underWay.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(runtime.calls()).containsExactly("gated ended");
        assertThat(runtime.probe().dispatch(AT_THE_GATE)).isEqualTo(2);
        assertThat(runtime.calls()).contains("newcomer callosum/gate/reached");
    }

    @Test
    void theStopOfABundleWaitsForItsRunningHandler() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("gated"));
        CompletableFuture<Integer> underWay = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");

        Thread stopping = stopAsync(bundle);
        await("the stop waits").until(() -> stopping.getState() == Thread.State.TIMED_WAITING);
        runtime.framework().gate.release();

        assertThat(runtime.nextCall()).isEqualTo("gated ended");
        assertThat(runtime.nextCall()).isEqualTo("bundle stopped");
        assertThat(underWay.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void theUpdateOfAnotherBundleDoesNotWaitForOneThatWaitsForItsHandler() throws Exception {
        Bundle waiting = runtime.install(TestBundle.app("gated"));
        Bundle other = runtime.install(TestBundle.app("annotated"));
        CompletableFuture<Integer> underWay = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");
        Thread stopping = stopAsync(waiting);
        await("the stop waits").until(() -> stopping.getState() == Thread.State.TIMED_WAITING);

        other.update(TestBundle.app("annotated").inVersion("2.0.0").jar());
        refresh(List.of(other));
        runtime.install(TestBundle.app("declared")).uninstall();

        assertThat(stopping.isAlive()).as("the stop still waits").isTrue();
        assertThat(runtime.probe().handlers("annotated")).extracting("version").containsExactly("2.0.0");
        runtime.framework().gate.release();
        underWay.get(10, TimeUnit.SECONDS);
        stopping.join();
    }

    @Test
    void whileABundleWaitsForItsHandlerAndAfterwardsNothingOfItIsCalled() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("gated"));
        runtime.install(TestBundle.app("annotated"));
        CompletableFuture<Integer> underWay = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");
        Thread stopping = stopAsync(bundle);
        await("the stop waits").until(() -> stopping.getState() == Thread.State.TIMED_WAITING);

        CompletableFuture<Integer> later = runtime.probe().dispatchAsync(AT_THE_GATE);
        runtime.framework().gate.release(2);

        assertThat(underWay.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(later.get(10, TimeUnit.SECONDS)).isZero();
        stopping.join();
        assertThat(runtime.probe().dispatch(AT_THE_GATE)).isZero();
        assertThat(runtime.probe().dispatch(OBSERVED)).as("another bundle's").isEqualTo(1);
        assertThat(runtime.calls())
                .containsExactlyInAnyOrder("gated ended", "bundle stopped", "annotated observe/observed");
    }

    @Test
    void aHandlerThatHangsWhenItsBundleStopsIsInterrupted() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 200));
        Bundle bundle = runtime.install(TestBundle.app("gated"));
        CompletableFuture<Integer> underWay = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");

        bundle.stop();

        assertThat(runtime.nextCall()).isEqualTo("gated interrupted");
        assertThat(underWay.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void aHandlerThatOverranLongAgoIsInterruptedWhenItsBundleStops() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 50));
        Bundle bundle = runtime.install(TestBundle.app("gated"));
        assertThat(runtime.probe().dispatch(AT_THE_GATE)).isEqualTo(1);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");
        assertThat(runtime.probe().overruns()).extracting("app").containsOnly("gated");

        bundle.stop();

        assertThat(runtime.nextCall()).isEqualTo("gated interrupted");
        await("its thread has ended")
                .untilAsserted(() -> assertThat(runtime.probe().overruns()).isEmpty());
    }

    @Test
    void aWorkerThatRanAStoppedBundlesHandlerIsRetired() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("workers"));
        runtime.probe().dispatch(OBSERVED);
        runtime.probe().dispatch(OBSERVED);
        List<Thread> workers = List.copyOf(runtime.framework().threads);
        assertThat(workers).hasSize(2).allMatch(Thread::isAlive, "is alive");

        bundle.stop();

        for (Thread worker : workers) {
            worker.join(TestFramework.PATIENCE.toMillis());
            assertThat(worker.isAlive()).as(worker.getName() + " is alive").isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"annotated", "declared", "activated"})
    void theClassLoaderOfAnUninstalledAppIsCollected(String app) throws Exception {
        ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();
        WeakReference<ClassLoader> classes = installCallAndUninstall(app, collected);

        boolean isCollected = false;
        for (int attempt = 0; attempt < 50 && !isCollected; attempt++) {
            System.gc();
            isCollected = collected.remove(100) != null;
        }

        assertThat(isCollected).as("collected").isTrue();
        assertThat(classes.get()).isNull();
    }

    @Test
    void aHandlerThatStopsItsOwnBundleRunsToItsEnd() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("stopping"));
        runtime.install(TestBundle.app("annotated"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(2);

        assertThat(runtime.calls()).contains("stopping stopped itself");
        assertThat(bundle.getState()).isEqualTo(Bundle.RESOLVED);
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.probe().overruns()).isEmpty();
        assertThat(runtime.probe().handlers()).extracting("app", "timedOut").containsExactly(tuple("annotated", 0L));
    }

    @Test
    void bundlesThatComeAndGoAtOnceWhileEventsAreDispatchedHarmNothing() throws Exception {
        runtime.install(TestBundle.app("workers"));
        List<CompletableFuture<Void>> comingAndGoing = new ArrayList<>();
        for (String app : List.of("first", "second", "third")) {
            Bundle bundle = runtime.install(TestBundle.app("annotated").as(app));
            comingAndGoing.add(CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < 30; i++) {
                        bundle.stop();
                        bundle.start();
                    }
                } catch (BundleException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(comingAndGoing.toArray(CompletableFuture[]::new));

        int dispatches = 0;
        while (!all.isDone()) {
            assertThat(runtime.probe().dispatch(OBSERVED)).isBetween(1, 4);
            dispatches++;
        }

        all.get();
        assertThat(runtime.framework().threads)
                .as("calls of the handler that stayed")
                .hasSize(dispatches);
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(4);
        assertThat(runtime.framework().log).noneMatch(line -> line.startsWith("WARN") || line.startsWith("ERROR"));
    }

    /** In a method of its own, so that no variable of a test's frame refers to the bundle. */
    private static WeakReference<ClassLoader> installCallAndUninstall(String app, ReferenceQueue<ClassLoader> collected)
            throws Exception {
        Bundle bundle = runtime.install(TestBundle.app(app));
        for (int i = 0; i < 10; i++) {
            assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        }
        ClassLoader classes = bundle.adapt(BundleWiring.class).getClassLoader();
        bundle.uninstall();
        refresh(null);
        runtime.framework().clear();
        return new WeakReference<>(classes, collected);
    }

    private static Thread stopAsync(Bundle bundle) {
        Thread thread = new Thread(
                () -> {
                    try {
                        bundle.stop();
                        runtime.framework().calls.add("bundle stopped");
                    } catch (BundleException e) {
                        runtime.framework().calls.add(e.toString());
                    }
                },
                "test stop");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void refresh(List<Bundle> bundles) throws InterruptedException {
        CountDownLatch refreshed = new CountDownLatch(1);
        runtime.framework()
                .context()
                .getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                .adapt(FrameworkWiring.class)
                .refreshBundles(bundles, event -> {
                    if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                        refreshed.countDown();
                    }
                });
        assertThat(refreshed.await(TestFramework.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("refreshed")
                .isTrue();
    }
}
