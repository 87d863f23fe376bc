// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/** What apps do to themselves while they handle an event, and what becomes of it. */
@Timeout(60)
class ForeignCodeIT {
    private static final String OBSERVED = """
            {"tract":"observe","event":"observed"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withBus);

    @Test
    void aHandlerThatUnregistersItselfRunsToItsEndAndIsCalledNoMore() throws Exception {
        runtime.install(TestBundle.app("registrar"));
        runtime.install(TestBundle.app("declared"));
        runtime.probe().register(Map.of("name", "brief", "tract", "observe", "event", "observed", "once", true));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(2);
        assertThat(runtime.calls()).contains("brief callosum/observe/observed");

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.probe().handlers()).extracting("app").containsExactly("declared");
    }

    /** Each event makes two, so without an end there would soon be more than anybody can count. */
    @Test
    void aHandlerThatEmitsWhatItListensToIsCutWhenTheChainIsTooLong() throws Exception {
        runtime.probe().configureCore(Map.of("maxChain", 4));
        runtime.install(TestBundle.app("looping"));
        runtime.install(TestBundle.app("declared"));

        runtime.probe().emit("""
                {"tract":"loop","event":"again"}""");
        for (int i = 0; i < 1 + 2 + 4 + 8 + 16; i++) {
            assertThat(runtime.nextCall()).isEqualTo("looping");
        }

        assertThat(runtime.awaitLog("is refused")).contains("a chain of 5 events", "loop/again -> loop/again");
        assertThat(runtime.probe().dispatch(OBSERVED)).as("everybody else").isEqualTo(1);
        assertThat(runtime.nextCall()).as("and there is no more of it").startsWith("declared ");
    }
}
