// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.callosum.api.Callosum;
import org.callosum.api.Emission;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BenchHandlersTest {
    private final List<Message> emitted = new ArrayList<>();
    private final Callosum callosum = message -> {
        emitted.add(message);
        return Emission.SENT;
    };

    @Test
    void theLastPingIsAnsweredWithTheirNumberAndTheCountStartsOver() {
        PingCounter counter = new PingCounter(callosum);
        counter.handle(event("ping", Map.of("seq", 0)));
        counter.handle(event("ping", Map.of("seq", 1, "last", false)));
        counter.handle(event("ping", Map.of("seq", 2, "last", true)));
        counter.handle(event("ping", Map.of("seq", 0, "last", true)));

        assertThat(emitted)
                .containsExactly(
                        Message.of("bench", "pong", Map.of("seen", 3)), Message.of("bench", "pong", Map.of("seen", 1)));
    }

    @Test
    void anEchoIsAnsweredWithItsTime() {
        new Echo(callosum).handle(event("echo", Map.of("t", 1_234_567_890_123L)));

        assertThat(emitted).containsExactly(Message.of("bench", "reply", Map.of("t", 1_234_567_890_123L)));
    }

    @Test
    void anEchoWithoutATimeFails() {
        Echo echo = new Echo(callosum);

        assertThatThrownBy(() -> echo.handle(event("echo", Map.of())))
                .hasMessage("bench/echo has no 't': give a whole number");
        assertThat(emitted).isEmpty();
    }

    private static EventContext event(String event, Map<String, Object> fields) {
        return new EventContext(Message.of("bench", event, fields), "bench");
    }
}
