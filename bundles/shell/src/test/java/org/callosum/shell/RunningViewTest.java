// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.callosum.core.InvocationStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class RunningViewTest {
    private static final InvocationStatus LATE = run("Late", true, 7);
    private static final InvocationStatus BRIEF = run("Brief", false, 1);

    @Test
    void theStacksOfThoseThatArePastTheirSoftLimitAreShown() {
        assertThat(RunningView.text(List.of(LATE, BRIEF), Screen.PLAIN))
                .isEqualTo(
                        """
                        APP/HANDLER  EVENT  STATE  RUNNING FOR  THREAD  NOW AT
                        app/Late     a/b    slow         7.0 s  worker  com.example.Late.handle(Late.java:1)
                        app/Brief    a/b    slow         1.0 s  worker  com.example.Brief.handle(Brief.java:1)

                        app/Late on a/b, slow, for 7.0 s, on 'worker'
                            at com.example.Late.handle(Late.java:1)
                        """);
        assertThat(RunningView.text(List.of(BRIEF), Screen.PLAIN).lines())
                .as("a table and no stack")
                .hasSize(2);
    }

    @Test
    void scriptsGetEachStackAndWhetherTheSoftLimitIsPast() {
        assertThat(RunningView.json(List.of(LATE, BRIEF), Instant.EPOCH))
                .extracting(each -> each.get("isPastSoftLimit"), each -> each.get("stack"))
                .containsExactly(
                        tuple(true, List.of("com.example.Late.handle(Late.java:1)")),
                        tuple(false, List.of("com.example.Brief.handle(Brief.java:1)")));
    }

    private static InvocationStatus run(String name, boolean isPastSoftLimit, int seconds) {
        return new InvocationStatus(
                "app",
                name,
                "a",
                "b",
                InvocationStatus.State.SLOW,
                isPastSoftLimit,
                Duration.ofSeconds(seconds),
                "worker",
                List.of(new StackTraceElement("com.example." + name, "handle", name + ".java", 1)));
    }
}
