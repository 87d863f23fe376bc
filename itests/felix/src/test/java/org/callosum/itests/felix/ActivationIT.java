// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What becomes of handlers whose components cannot be activated, or not in time: that is foreign code too. */
@Timeout(60)
class ActivationIT {
    private static final String OBSERVED = """
            {"tract":"observe","event":"observed"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withCore);

    @Test
    void aHandlerThatCannotBeActivatedIsShownWithItsCauseBeforeItsFirstEvent() throws Exception {
        runtime.framework().broken.set(true);
        runtime.install(TestBundle.app("failing"));

        await("it is shown").untilAsserted(() -> assertThat(failing()).containsEntry("state", "FAILED"));

        assertThat(failing().get("problem").toString())
                .contains("its activation failed: java.lang.IllegalStateException: the flux is not charged");
        assertThat(runtime.awaitLog("failing/Failing activation failed"))
                .startsWith("ERROR")
                .contains("the flux is not charged");
    }

    @Test
    void aHandlerThatCannotBeActivatedTouchesNobodyElse() throws Exception {
        runtime.framework().broken.set(true);
        runtime.install(TestBundle.app("failing"));
        runtime.install(TestBundle.app("annotated"));

        runtime.probe().dispatch(OBSERVED);

        assertThat(runtime.calls()).containsExactly("annotated observe/observed");
        await("the event is a failure when it was waited for long enough").untilAsserted(() -> assertThat(failing())
                .containsEntry("invoked", 1L)
                .hasEntrySatisfying(
                        "failed", failed -> assertThat((Long) failed).isPositive()));
        assertThat(runtime.probe().dispatch(OBSERVED))
                .as("at once from then on")
                .isEqualTo(2);
    }

    @Test
    void aHandlerThatCanBeActivatedInTimeLosesNothing() throws Exception {
        runtime.framework().broken.set(true);
        runtime.install(TestBundle.app("failing"));
        runtime.probe().dispatch(OBSERVED);
        assertThat(failing()).containsEntry("state", "FAILED");

        runtime.framework().broken.set(false);
        runtime.probe().dispatch(OBSERVED);

        assertThat(runtime.nextCall()).isEqualTo("failing recovered");
        assertThat(runtime.nextCall()).isEqualTo("failing recovered");
        assertThat(failing()).containsEntry("state", "ACTIVE").containsEntry("problem", "");
    }

    @Test
    void aHandlerThatCanBeActivatedAtLastIsCalled() throws Exception {
        runtime.framework().broken.set(true);
        runtime.install(TestBundle.app("failing"));
        runtime.awaitLog("failing/Failing activation failed");
        runtime.probe().dispatch(OBSERVED);
        assertThat(failing()).containsEntry("state", "FAILED").containsEntry("invoked", 1L);

        runtime.framework().broken.set(false);
        runtime.probe().dispatch(OBSERVED);

        assertThat(runtime.calls()).containsExactly("failing recovered");
        assertThat(failing()).containsEntry("state", "ACTIVE").containsEntry("problem", "");
    }

    @Test
    void anActivationThatHangsIsLimitedAndHoldsUpNeitherTheOthersNorTheFramework() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 200));
        runtime.install(TestBundle.app("hanging"));
        runtime.install(TestBundle.app("annotated"));
        assertThat(runtime.nextCall()).isEqualTo("hanging is activated");

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(2);
        assertThat(runtime.calls()).containsExactly("annotated observe/observed");
        assertThat(runtime.probe().overruns())
                .extracting("app")
                .contains("hanging")
                .containsOnly("hanging");
        assertThat(runtime.probe().overruns()).extracting("handler").contains("Hanging activation");

        Bundle another = runtime.install(TestBundle.app("declared"));
        assertThat(another.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(3);
        another.stop();
        assertThat(another.getState()).isEqualTo(Bundle.RESOLVED);
    }

    @Test
    void aHandlerWhoseActivationEndsAtLastIsCalled() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 200));
        runtime.install(TestBundle.app("hanging"));
        assertThat(runtime.nextCall()).isEqualTo("hanging is activated");
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.calls()).isEmpty();

        runtime.framework().gate.release();

        assertThat(runtime.nextCall()).as("the event that waited for it").isEqualTo("hanging recovered");
        await("nothing hangs")
                .untilAsserted(() -> assertThat(runtime.probe().overruns()).isEmpty());
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.calls()).containsExactly("hanging recovered");
    }

    @Test
    void aBundleWhoseHandlersActivationHangsCanBeStopped() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 200));
        Bundle bundle = runtime.install(TestBundle.app("hanging"));
        assertThat(runtime.nextCall()).isEqualTo("hanging is activated");

        bundle.stop();

        assertThat(runtime.framework().gate.availablePermits())
                .as("nobody opened the gate")
                .isZero();
        assertThat(runtime.probe().handlers()).isEmpty();
        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();
    }

    private static Map<String, Object> failing() {
        List<Map<String, Object>> found = runtime.probe().handlers("failing");
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
