// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

import org.callosum.api.Callosum;
import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.callosum.core.HandlerEvent;
import org.callosum.core.HandlerEvent.Kind;
import org.callosum.journal.RecordingLogger;
import org.callosum.transport.ConnectionStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What comes on the bus when something happens, and what does not. */
class FactTellerTest {
    private static final Message DOOR = Message.of("door", "opened", Map.of());

    private final List<Message> emitted = new ArrayList<>();
    private final RecordingLogger log = new RecordingLogger();
    private boolean isBusAway;
    private boolean isFull;
    private long now = 1;
    private final FactTeller teller = new FactTeller(
            (Callosum) this::emit,
            task -> {
                if (isFull) {
                    throw new RejectedExecutionException();
                }
                task.run();
            },
            new Limit(Duration.ofSeconds(10), 1_000, () -> now),
            true,
            log.logger());

    @ParameterizedTest
    @CsvSource({
        "FAILED, handler_failed",
        "TIMED_OUT, handler_timed_out",
        "QUARANTINED, handler_quarantined",
        "RELEASED, handler_released"
    })
    void whatHappensToAHandlerIsAMessage(Kind kind, String event) {
        teller.happened(happened(kind, 42, DOOR, "because"));

        Map<String, Object> fields = emitted.get(0).toMap();
        assertThat(fields)
                .containsEntry("tract", "runtime")
                .containsEntry("event", event)
                .containsEntry("app", "greeter")
                .containsEntry("handler", "Greeter")
                .containsEntry("service_id", 42L)
                .containsEntry("bundle", "com.example.greeter")
                .containsEntry("version", "1.0.0")
                .containsEntry("on_tract", "door")
                .containsEntry("on_event", "opened")
                .containsEntry("reason", "because")
                .hasSize(10);
    }

    @Test
    void textsAreBoundedAndOnOneLine() {
        teller.happened(new HandlerEvent(
                Kind.FAILED,
                1,
                "a".repeat(10_000),
                "h\n\u001b",
                1,
                "b",
                "1",
                Optional.of(Message.of("t".repeat(10_000), "e", Map.of())),
                "r".repeat(10_000)));

        Map<String, Object> fields = emitted.get(0).toMap();
        assertThat((String) fields.get("app")).hasSize(100);
        assertThat((String) fields.get("on_tract")).hasSize(100);
        assertThat((String) fields.get("reason")).hasSize(500);
        assertThat(fields).containsEntry("handler", "h\\u000a\\u001b");
    }

    @Test
    void aHandlerThatFailsOnAndOnIsToldOfNowAndThenWithTheNumberOfTheRest() {
        for (int i = 0; i < 100; i++) {
            teller.happened(happened(Kind.FAILED, 42, DOOR, ""));
        }
        assertThat(emitted).hasSize(1);

        now += Duration.ofSeconds(10).toNanos();
        teller.happened(happened(Kind.FAILED, 42, DOOR, ""));

        assertThat(emitted).hasSize(2);
        assertThat(emitted.get(1).toMap()).containsEntry("left_out", 99L);
    }

    @Test
    void whatFailsOnAFactIsNone() {
        Message fact = Message.of("runtime", "handler_failed", Map.of());
        Message answer = Message.of("door", "opened", Map.of()).causedBy(fact);
        Message further = Message.of("bell", "rang", Map.of()).causedBy(answer);

        for (Message on : List.of(fact, answer, further)) {
            teller.happened(happened(Kind.FAILED, 42, on, ""));
            teller.happened(happened(Kind.TIMED_OUT, 42, on, ""));
        }

        assertThat(emitted).isEmpty();
    }

    @Test
    void aFactIsKnownToComeOfTheEventThatItHappenedOn() {
        teller.happened(happened(Kind.FAILED, 42, DOOR, ""));

        assertThat(emitted.get(0).causes()).containsExactly("door/opened");
    }

    @Test
    void theQuarantineOfAHandlerThatHungOnAFactIsNoneUntilItIsReleased() {
        teller.happened(happened(Kind.TIMED_OUT, 42, Message.of("runtime", "app_updated", Map.of()), ""));
        teller.happened(happened(Kind.QUARANTINED, 42, null, "in quarantine"));
        teller.happened(happened(Kind.RELEASED, 42, null, ""));
        assertThat(emitted).isEmpty();

        teller.happened(happened(Kind.QUARANTINED, 42, null, "on something else"));

        assertThat(emitted).singleElement().satisfies(fact -> assertThat(fact.string("reason"))
                .hasValue("on something else"));
    }

    @Test
    void aClientThatIsThrownOffIsAMessage() {
        teller.thrownOff(new ConnectionStatus(
                12,
                "ada",
                "users",
                Optional.of(new ConnectionStatus.Peer(4720, "python3 viewer.py")),
                ConnectionStatus.State.CLOSED,
                Instant.EPOCH,
                Optional.of(Instant.EPOCH),
                "no progress for 10000 ms with a full backlog",
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                64,
                Optional.empty(),
                List.of(),
                ""));

        assertThat(emitted.get(0).toMap())
                .containsEntry("event", "client_disconnected")
                .containsEntry("client", 12L)
                .containsEntry("user", "ada")
                .containsEntry("pid", 4720L)
                .containsEntry("process", "python3 viewer.py")
                .containsEntry("reason", "no progress for 10000 ms with a full backlog")
                .containsEntry("backlog_bytes", 64L);
    }

    @Test
    void eachHasALineInTheLogForPrograms() {
        teller.happened(happened(Kind.FAILED, 42, DOOR, "no \"door\" here"));

        assertThat(log.texts("debug"))
                .containsExactly("event=handler_failed app=greeter handler=Greeter service_id=42"
                        + " bundle=com.example.greeter version=1.0.0 on_tract=door on_event=opened"
                        + " reason=\"no \\\"door\\\" here\"");
    }

    @Test
    void turnedOffNothingIsTold() {
        teller.turn(false);
        teller.happened(happened(Kind.FAILED, 42, DOOR, ""));
        teller.tell(Fact.app("installed", "greeter", 7, "greeter", "1.0.0", Optional.empty()));
        assertThat(emitted).isEmpty();

        teller.turn(true);
        teller.happened(happened(Kind.FAILED, 42, DOOR, ""));
        assertThat(emitted).hasSize(1);
    }

    @Test
    void whatTheBusHasNoRoomForIsCountedInTheNextOne() {
        isBusAway = true;
        teller.happened(happened(Kind.FAILED, 42, DOOR, ""));
        isBusAway = false;
        isFull = true;
        now += Duration.ofSeconds(10).toNanos();
        teller.happened(happened(Kind.FAILED, 42, DOOR, ""));
        isFull = false;
        now += Duration.ofSeconds(10).toNanos();
        teller.happened(happened(Kind.FAILED, 42, DOOR, ""));

        assertThat(emitted).singleElement().satisfies(message -> assertThat(message.toMap())
                .containsEntry("left_out", 2L));
    }

    private Emission emit(Message message) {
        if (isBusAway) {
            throw new EmitRefusedException("there is no bus");
        }
        emitted.add(message);
        return Emission.SENT;
    }

    private static HandlerEvent happened(Kind kind, long serviceId, Message on, String reason) {
        return new HandlerEvent(
                kind,
                serviceId,
                "greeter",
                "Greeter",
                7,
                "com.example.greeter",
                "1.0.0",
                Optional.ofNullable(on),
                reason);
    }
}
