// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.service.event.Event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EventContextTest {
    private final Message message = Message.of("observe", "observed", Map.of("day", "20260101"));
    private final EventContext context = new EventContext(message, "greeter");

    @Test
    void itHasTheMessageTheAppAndBothNames() {
        assertThat(context.msg()).isSameAs(message);
        assertThat(context.app()).isEqualTo("greeter");
        assertThat(context.tract()).isEqualTo("observe");
        assertThat(context.event()).isEqualTo("observed");
    }

    @ParameterizedTest
    @CsvSource({
        "observe, observed, callosum/observe/observed",
        "a b, c/d, callosum/a_b/c_d",
        "é, 'x*', callosum/_/x_",
        "'', '', callosum/_/_",
        "A-1_z, 9, callosum/A-1_z/9"
    })
    void theTopicHoldsWhatATopicMay(String tract, String event, String topic) {
        assertThat(new EventContext(Message.of(tract, event, Map.of()), "app")
                        .toEvent()
                        .getTopic())
                .isEqualTo(topic);
    }

    @Test
    void theEventsPropertiesAreTheFields() {
        Map<String, Object> fields = new HashMap<>();
        fields.put("n", 7);
        fields.put("none", null);
        fields.put("event.topics", "forged");
        fields.put("callosum.context", "forged");
        EventContext made = new EventContext(Message.of("a", "b", fields), "app");
        Event event = made.toEvent();

        assertThat(event.getProperty("tract")).isEqualTo("a");
        assertThat(event.getProperty("n")).isEqualTo(7L);
        assertThat(event.containsProperty("none")).isTrue();
        assertThat(event.getProperty("event.topics")).isEqualTo("callosum/a/b");
        assertThat(EventContext.from(event)).isSameAs(made);
    }

    @Test
    void anEventOfAnotherOriginHasNoContext() {
        assertThatThrownBy(() -> EventContext.from(new Event("org/osgi/other", Map.of("callosum.context", "forged"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Event 'org/osgi/other' does not come from Callosum");
    }

    @Test
    void aTypedHandlerWorksForACallerOfTheStandardInterface() {
        var seen = new AtomicReference<EventContext>();
        CallosumEventHandler handler = seen::set;

        handler.handleEvent(context.toEvent());

        assertThat(seen).hasValue(context);
    }

    @Test
    void aCheckedExceptionIsTheCauseForACallerOfTheStandardInterface() {
        CallosumEventHandler handler = got -> {
            throw new IOException("disk");
        };

        assertThatThrownBy(() -> handler.handleEvent(context.toEvent()))
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void anInterruptIsKeptForACallerOfTheStandardInterface() {
        CallosumEventHandler handler = got -> {
            throw new InterruptedException();
        };

        assertThatThrownBy(() -> handler.handleEvent(context.toEvent())).isInstanceOf(IllegalStateException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void contextsAreEqualByMessageAndApp() {
        assertThat(context)
                .isEqualTo(new EventContext(message, "greeter"))
                .isNotEqualTo(new EventContext(message, "other"));
        assertThat(Arrays.asList(context.toString())).containsExactly("greeter on observe/observed");
    }

    @Test
    void anEventThatMayHaveBeenGivenBeforeSaysSoAndIsEqualToItself() {
        Message message = Message.of("a", "b", Map.of("n", 1));
        EventContext again = new EventContext(message.asRedelivered(), "app");

        assertThat(again.isRedelivered()).isTrue();
        assertThat(EventContext.from(again.toEvent()).isRedelivered()).isTrue();
        assertThat(again.msg()).isEqualTo(message);
        assertThat(again.msg().toJson()).as("not on the wire").isEqualTo(message.toJson());
        assertThat(new EventContext(message, "app").isRedelivered()).isFalse();
        assertThat(message.isRedelivered()).isFalse();
    }
}
