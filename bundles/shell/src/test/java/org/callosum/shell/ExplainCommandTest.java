// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.core.Explanation;
import org.callosum.core.Explanation.Outcome;
import org.callosum.core.Explanation.Verdict;
import org.callosum.core.Subscription;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class ExplainCommandTest {
    private final FakeContext context = new FakeContext();
    private final List<Verdict> verdicts = new ArrayList<>();
    private Message asked;

    @AutoClose
    private final Gogo gogo =
            new Gogo().add(new ExplainCommand(context.proxy(), AskedDispatcher.answering(new Answers())), "explain");

    private final class Answers {
        @SuppressWarnings("unused") // by reflection
        Explanation explain(Message message) {
            asked = message;
            return new Explanation(verdicts);
        }
    }

    @Test
    void whoWouldBeCalledAndWhyOthersNotIsShownTheNearestFirst() throws Exception {
        add(31, "SegmentLog", Outcome.CALLED, "observe", "*", "", "");
        add(32, "Broken", Outcome.CALLED, "observe", "observed", "", "no camera");
        add(33, "Typo", Outcome.UNNAMED, "observe", "observd", "", "");
        add(34, "Far", Outcome.UNNAMED, "logs", "line", "", "");
        add(35, "Held", Outcome.QUARANTINED, "observe", "observed", "", "in quarantine for 2.0 s, by hand");
        add(36, "Choosy", Outcome.FILTERED, "observe", "observed", "(&(service=camera)(Day>=5))", "");
        add(0, "Camera", Outcome.ABSENT, "observe", "observed", "", "its reference 'lens' is missing");

        assertThat(gogo.run("explain observe observed day=7 service=mic"))
                .isEqualTo(
                        """
                        observe/observed would be handed to 2 handlers, in this order:

                        #  APP/HANDLER     ID  LISTENS TO        FILTER  BUNDLE            BUT
                        1  app/SegmentLog  31  observe/*         -       7 test.app 1.0.0  -
                        2  app/Broken      32  observe/observed  -       7 test.app 1.0.0  no camera

                        It would not be handed to:

                        APP/HANDLER  ID  LISTENS TO        BUNDLE            WHY         NAMELY
                        app/Held     35  observe/observed  7 test.app 1.0.0  quarantine  in quarantine for 2.0 s, by hand
                        app/Choosy   36  observe/observed  7 test.app 1.0.0  filter      its filter (&(service=camera)(Day>=5)) does not let it through: service is "mic", there is no field Day, but day
                        app/Camera    -  observe/observed  7 test.app 1.0.0  not there   its component is not satisfied: its reference 'lens' is missing
                        app/Typo     33  observe/observd   7 test.app 1.0.0  names       listens to observe/observd: event 'observd' is not 'observed'

                        1 handler listens to other names: 'explain --all' shows it.
                        """);
        assertThat(asked)
                .isEqualTo(
                        Message.parse("{\"tract\":\"observe\",\"event\":\"observed\",\"day\":7,\"service\":\"mic\"}"));
    }

    @Test
    void allAreShownIfTheyAreAskedFor() throws Exception {
        add(34, "Far", Outcome.UNNAMED, "logs", "line", "", "in quarantine for 2.0 s");

        assertThat(gogo.run("explain observe observed"))
                .startsWith("observe/observed would be handed to no handler.\n")
                .doesNotContain("Far");
        assertThat(gogo.run("explain -a observe observed"))
                .contains("listens to logs/line; besides, it is in quarantine for 2.0 s")
                .doesNotContain("--all");
    }

    @Test
    void anAppThatDoesNotRunIsNamed() throws Exception {
        context.addBundle(11, "org.example.camera", "camera");
        context.addStoppedBundle(12, "org.example.mic", "mic");
        context.addStoppedImporter(13, "org.example.door");

        assertThat(gogo.run("explain observe observed"))
                .endsWith("2 apps do not run, and nobody knows what handlers would be there: mic, org.example.door.\n");
    }

    @Test
    @SuppressWarnings("unchecked") // it is so, or the test fails
    void asJsonAllAreThere() throws Exception {
        add(31, "SegmentLog", Outcome.CALLED, "observe", "*", "", "");
        add(34, "Far", Outcome.UNNAMED, "logs", "line", "(a=b)", "");

        Map<String, Object> json = (Map<String, Object>) Json.parse(gogo.run("explain --json observe observed"));

        assertThat(json).containsEntry("tract", "observe").containsEntry("stoppedApps", List.of());
        List<Map<String, Object>> handlers = (List<Map<String, Object>>) json.get("handlers");
        assertThat(handlers).hasSize(2);
        assertThat(handlers.get(0))
                .containsEntry("id", 31L)
                .containsEntry("outcome", "called")
                .containsEntry("place", 1L)
                .containsEntry("reason", null);
        assertThat(handlers.get(1))
                .containsEntry("outcome", "unnamed")
                .containsEntry("place", null)
                .containsEntry("filter", "(a=b)");
    }

    @Test
    void whatIsNoEventIsAnError() {
        assertThatThrownBy(() -> gogo.run("explain"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("No event is given. Write: explain ");
        assertThatThrownBy(() -> gogo.run("explain observe observed day"))
                .hasMessage("'day' is not a field: write key=value");
        assertThatThrownBy(() -> new ExplainCommand(context.proxy(), null).explain(null, false, false, "a", "b"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("org.callosum.core");
    }

    private void add(long id, String name, Outcome outcome, String tract, String event, String filter, String reason) {
        verdicts.add(new Verdict(
                id,
                "app",
                name,
                7,
                "test.app",
                "1.0.0",
                List.of(new Subscription(tract, event)),
                filter,
                outcome,
                reason));
    }
}
