// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Settings of the core that are changed while it works. */
@Timeout(60)
class ConfigurationIT {
    private static final String AT_THE_GATE = """
            {"tract":"gate","event":"reached"}""";
    /** So long that nothing in these tests comes of it. */
    private static final int HOUR = 3_600_000;

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withCore);

    @Test
    void moreWorkersTakeUpWhatWaits() throws Exception {
        runtime.probe().configureCore(Map.of("workers", 1, "timeoutMillis", HOUR));
        runtime.install(TestBundle.app("gated"));
        runtime.install(TestBundle.app("gated").as("second"));
        CompletableFuture<Integer> dispatch = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");
        await().untilAsserted(() -> assertThat(runtime.probe().handlers("second"))
                .extracting("running") // so is what gets its service, too
                .containsExactly(0));

        runtime.probe().configureCore(Map.of("workers", 2, "timeoutMillis", HOUR));

        assertThat(runtime.nextCall()).isEqualTo("second entered");
        runtime.framework().gate.release(2);
        assertThat(dispatch.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    }

    @Test
    void aShorterTimeLimitHoldsForWhatRunsAlready() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", HOUR));
        runtime.install(TestBundle.app("gated"));
        CompletableFuture<Integer> dispatch = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");

        runtime.probe().configureCore(Map.of("timeoutMillis", 50));

        assertThat(dispatch.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(runtime.probe().handlers()).extracting("timedOut").containsExactly(1L);
        assertThat(runtime.awaitLog("gated/Gated on gate/reached overran")).startsWith("WARN");
        runtime.framework().gate.release();
        assertThat(runtime.awaitLog("gated/Gated on gate/reached ended")).contains("long after its time limit");
    }

    @Test
    void aShorterHoldUpLimitHoldsForWhatRunsAlready() throws Exception {
        runtime.install(TestBundle.app("gated"));
        CompletableFuture<Integer> dispatch = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");

        runtime.probe().configureCore(Map.of("holdUpMillis", 50));

        assertThat(runtime.awaitLog("Events are held up"))
                .startsWith("WARN")
                .contains("gate/reached has been under way for", "gated/Gated on gate/reached has run for");
        runtime.framework().gate.release();
        assertThat(dispatch.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void aNumberThatIsNoneIsWarnedOfAndTheDefaultHolds() throws Exception {
        runtime.install(TestBundle.app("gated"));
        runtime.framework().gate.release(2);

        runtime.probe().configureCore(Map.of("workers", "many"));

        assertThat(runtime.awaitLog("'workers'"))
                .startsWith("WARN")
                .contains("org.callosum.core", "'many'", "is no whole number", "from 1 to 256", "4 is used");
        assertThat(runtime.probe().dispatch(AT_THE_GATE)).isEqualTo(1);
        assertThat(runtime.calls()).containsExactly("gated entered", "gated ended");
    }

    @Test
    void aNumberOutOfRangeIsWarnedOfAndTheNearestHolds() throws Exception {
        runtime.install(TestBundle.app("gated"));

        runtime.probe().configureCore(Map.of("timeoutMillis", -5));

        assertThat(runtime.awaitLog("'timeoutMillis'"))
                .startsWith("WARN")
                .contains("'-5'", "is out of range", "from 1 to 3600000", "1 is used");
        assertThat(runtime.probe().dispatch(AT_THE_GATE)).as("overrun").isEqualTo(1);
        assertThat(runtime.probe().overruns()).isNotEmpty();
    }

    @Test
    void aBadSettingOfTheQueueStopsNothing() throws Exception {
        runtime.install(TestBundle.app("gated"));
        runtime.framework().gate.release();

        runtime.probe().configureCore(Map.of("queueBytes", "a lot", "allowanceBytes", -1));

        assertThat(runtime.awaitLog("'queueBytes'")).startsWith("WARN").contains("67108864 is used");
        assertThat(runtime.awaitLog("'allowanceBytes'")).startsWith("WARN").contains("0 is used");
        assertThat(runtime.probe().bridge()).containsEntry("dispatching", true);
        assertThat(runtime.probe().dispatch(AT_THE_GATE)).isEqualTo(1);
    }

    @Test
    void withoutItsConfigurationTheCoreHasItsDefaultsBack() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 1));
        runtime.install(TestBundle.app("gated"));
        assertThat(runtime.probe().dispatch(AT_THE_GATE)).isEqualTo(1);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");
        Object timedOut = runtime.probe().handlers().get(0).get("timedOut");

        runtime.probe().configureCore(Map.of());
        CompletableFuture<Integer> dispatch = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");
        runtime.framework().gate.release(2);

        assertThat(dispatch.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(runtime.probe().handlers()).extracting("timedOut").containsExactly(timedOut);
    }
}
