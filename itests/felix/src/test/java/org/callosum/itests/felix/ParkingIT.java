// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What becomes of events whose handlers are away for a moment, in a real framework with real components. */
@Timeout(60)
class ParkingIT {
    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withCore);

    @AfterEach
    void unconfigure() {
        runtime.probe().configure("test.keyed", Map.of());
        runtime.probe().configure("test.keyed~a", Map.of());
        runtime.probe().configure("test.keyed~b", Map.of());
    }

    @Test
    void aComponentWhoseConfigurationChangesLosesNothing() throws Exception {
        runtime.probe().configure("test.keyed", Map.of("name", "1"));
        runtime.install(TestBundle.app("keyed"));
        int last = underTraffic(
                round -> runtime.probe().configure("test.keyed", Map.of("name", Integer.toString(round + 2))));

        List<Integer> numbers = new ArrayList<>();
        List<Integer> versions = new ArrayList<>();
        for (String call : take(last)) {
            String[] words = call.split(" ");
            versions.add(Integer.valueOf(words[0]));
            numbers.add(Integer.valueOf(words[1]));
        }
        assertThat(numbers).isEqualTo(IntStream.range(0, last).boxed().toList());
        assertThat(versions).isSorted();
    }

    @Test
    void aComponentWhoseReferenceIsReplacedLosesNothing() throws Exception {
        runtime.probe().configure("test.keyed", Map.of("name", "keyed"));
        runtime.install(TestBundle.app("keyed"));
        int last = underTraffic(round -> runtime.framework().replaceGate());

        assertThat(take(last))
                .isEqualTo(IntStream.range(0, last).mapToObj(n -> "keyed " + n).toList());
    }

    @Test
    void anInstanceWhoseConfigurationIsDeletedHoldsItsSiblingsUpNoLonger() throws Exception {
        runtime.probe().configure("test.keyed~a", Map.of("name", "a"));
        runtime.probe().configure("test.keyed~b", Map.of("name", "b"));
        runtime.install(TestBundle.app("keyed"));
        assertThat(dispatch(1)).isEqualTo(2);
        take(2);

        runtime.probe().configure("test.keyed~a", Map.of());

        assertThat(dispatch(2)).as("handlers invoked at once").isEqualTo(1);
        assertThat(take(1)).containsExactly("b 2");
    }

    @Test
    void aComponentThatIsTurnedOffByItsConfigurationIsNotWaitedForLong() throws Exception {
        runtime.probe().configure("test.keyed", Map.of("name", "keyed"));
        runtime.install(TestBundle.app("keyed"));
        runtime.probe().configure("test.keyed", Map.of());
        dispatch(1);

        assertThat(runtime.awaitLog("is no more after the change"))
                .startsWith("WARN keyed/")
                .contains("its share of 1 parked events is given up [app=keyed handler=")
                .endsWith(" given_up_events=1]");
    }

    @Test
    void afterItsStopBeganNothingOfABundleIsCalledAndTheNextStartHasItAll() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("closing"));
        dispatch(1);

        bundle.update(TestBundle.app("closing").inVersion("2.0.0").jar());

        assertThat(take(5)).containsExactlyInAnyOrder("first 1", "second 1", "stopped", "first 99", "second 99");
        assertThat(runtime.calls()).isEmpty();
    }

    @Test
    void anUpdateThatFailsGivesUpWhatWasParkedWhenItsTimeIsOver() throws Exception {
        runtime.probe().configureCore(Map.of("parkMillis", 300));
        Bundle bundle = runtime.install(TestBundle.app("closing"));
        updateToABrokenOne(bundle);

        assertThat(runtime.awaitLog("did not come back"))
                .isEqualTo("WARN closing: it did not come back within 0.300 s: 1 parked events are given up"
                        + " [app=closing reason=\"it did not come back within 0.300 s\" given_up_events=1]");
        assertThat(dispatch(2)).isZero();
    }

    @Test
    void aGoodJarInItsPlaceInTimeLosesNothing() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("closing"));
        updateToABrokenOne(bundle);
        dispatch(2);

        runtime.framework().broken.set(false);
        bundle.update(TestBundle.app("closing").inVersion("3.0.0").jar());
        bundle.start();

        assertThat(take(5)).first().isEqualTo("stopped");
        assertThat(runtime.probe().handlers("closing")).extracting("version").containsOnly("3.0.0");
    }

    @Test
    void handlersRegisteredByHandForTheSameEventsAreToldApartByTheirFilters() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("registrar"));
        for (String filter : List.of("(n=1)", "(n=2)")) {
            runtime.probe().register(Map.of("name", filter, "tract", "observe", "event", "*", "event.filter", filter));
        }

        bundle.stop(Bundle.STOP_TRANSIENT); // as an update does: it will be back

        assertThat(runtime.probe().handlers("registrar"))
                .extracting(handler -> handler.get("filter") + " " + handler.get("state"))
                .containsExactlyInAnyOrder("(n=1) PARKED", "(n=2) PARKED");
    }

    /** Its stop dispatches one event. */
    private static void updateToABrokenOne(Bundle bundle) {
        runtime.framework().broken.set(true);
        assertThatThrownBy(() -> {
                    bundle.update(TestBundle.app("closing").inVersion("2.0.0").jar());
                    bundle.start(); // a framework that updates may keep the failure to itself, and try again now
                })
                .isInstanceOf(BundleException.class)
                .hasStackTraceContaining("the flux is not charged");
    }

    /** A change, in a round. */
    private interface Change {
        void make(int round) throws Exception;
    }

    /** Makes a change 20 times while events are dispatched; how many they were. */
    private static int underTraffic(Change change) throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        CompletableFuture<Integer> traffic = CompletableFuture.supplyAsync(() -> {
            int n = 0;
            while (!isOver.get()) {
                dispatch(n++);
            }
            return n;
        });
        for (int round = 0; round < 20; round++) {
            change.make(round);
        }
        isOver.set(true);
        return traffic.get(10, TimeUnit.SECONDS);
    }

    private static int dispatch(int n) {
        return runtime.probe().dispatch("{\"tract\":\"observe\",\"event\":\"observed\",\"n\":" + n + "}");
    }

    private static List<String> take(int count) throws Exception {
        List<String> taken = new ArrayList<>();
        while (taken.size() < count) {
            String call = runtime.framework().calls.poll(15, TimeUnit.SECONDS);
            assertThat(call)
                    .as("call %s of %s; the log says %s", taken.size() + 1, count, runtime.framework().log)
                    .isNotNull();
            taken.add(call);
        }
        return taken;
    }
}
