// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.Message;
import org.callosum.core.Explanation;
import org.callosum.core.Explanation.Outcome;
import org.callosum.core.Explanation.Verdict;
import org.callosum.core.Subscription;
import org.callosum.core.dispatch.SerialDispatcher.Departure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What {@code explain} says is what a dispatch then does. */
@Timeout(60)
class ExplainerTest {
    private static final CallosumEventHandler NOTHING = context -> {};

    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private List<Whereabouts.Absent> absent = List.of();
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .where(new Whereabouts() {
                @Override
                public Answer of(Owner owner, HandlerIdentity identity) {
                    return Answer.COMING;
                }

                @Override
                public List<Absent> absent() {
                    return absent;
                }
            })
            .with(ticker)
            .make();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        dispatcher.stop();
    }

    @Test
    void thoseThatWouldBeCalledComeInTheirOrder() {
        handlers.add("app", "all", 0, "*", "*", () -> NOTHING);
        handlers.add("app", "exact", 0, "observe", "observed", () -> NOTHING);
        handlers.add("app", "high", 5, "observe", "observed", () -> NOTHING);
        handlers.add("app", "tract", 0, "observe", "*", () -> NOTHING);

        Explanation explanation = explain(Map.of());

        assertThat(explanation.called()).extracting(Verdict::name).containsExactly("high", "exact", "tract", "all");
        assertThat(dispatcher.dispatch(event(Map.of()))).isEqualTo(4);
    }

    @Test
    void aFilterIsAskedWithTheFieldsThatAreGiven() {
        handlers.add(
                "app",
                "camera",
                "observe",
                "observed",
                message -> message.string("service").orElse("").equals("camera"),
                () -> NOTHING);

        assertThat(outcome("camera", Map.of())).isEqualTo(Outcome.FILTERED);
        assertThat(outcome("camera", Map.of("service", "camera"))).isEqualTo(Outcome.CALLED);
        assertThat(explain(Map.of()).verdicts()).singleElement().satisfies(verdict -> {
            assertThat(verdict.filter()).isEqualTo("a test's");
            assertThat(verdict.subscriptions()).containsExactly(new Subscription("observe", "observed"));
        });
    }

    @Test
    void whoListensToOtherNamesIsTold() {
        handlers.add("app", "other", 0, "Observe", "observed", () -> NOTHING);

        assertThat(outcome("other", Map.of())).isEqualTo(Outcome.UNNAMED);
    }

    @Test
    void aBadRegistrationIsToldWithItsProblem() {
        handlers.addBad("app", "service property 'tract' is missing");

        assertThat(explain(Map.of()).verdicts()).singleElement().satisfies(verdict -> {
            assertThat(verdict.outcome()).isEqualTo(Outcome.BAD);
            assertThat(verdict.reason()).isEqualTo("service property 'tract' is missing");
        });
    }

    @Test
    void aQuarantineIsToldAndNothingIsParkedForTheAnswer() {
        handlers.add("app", "held", 0, "observe", "observed", () -> NOTHING);
        handlers.add("app", "next", 0, "observe", "observed", () -> NOTHING);
        dispatcher.quarantine(1);

        Explanation explanation = explain(Map.of());

        assertThat(explanation.called()).extracting(Verdict::name).containsExactly("next");
        assertThat(explanation.verdicts().get(1).outcome()).isEqualTo(Outcome.QUARANTINED);
        assertThat(explanation.verdicts().get(1).reason()).contains("by hand");
        assertThat(dispatcher.parked().get(0).parked()).isZero();
        assertThat(dispatcher.dispatch(event(Map.of()))).isEqualTo(1);
        assertThat(dispatcher.parked().get(0).parked()).isEqualTo(1);
    }

    @Test
    void anAppThatIsAwayIsToldAlsoOnceItIsOutOfTheRoutes() {
        Handler leaving = handlers.add("app", "away", 0, "observe", "observed", () -> NOTHING);
        dispatcher.leaving(leaving, Departure.WITH_BUNDLE);
        assertThat(outcome("away", Map.of())).isEqualTo(Outcome.PARKED);

        handlers.remove(leaving);
        dispatcher.close(List.of(leaving));
        ticker.advance(Duration.ofSeconds(2));

        assertThat(explain(Map.of()).verdicts()).singleElement().satisfies(verdict -> {
            assertThat(verdict.outcome()).isEqualTo(Outcome.PARKED);
            assertThat(verdict.reason()).isEqualTo("away, for 2.0 s: its events are parked");
        });
        assertThat(dispatcher.dispatch(event(Map.of()))).isZero();
        assertThat(dispatcher.parked().get(0).parked()).isEqualTo(1);
    }

    @Test
    void aHandlerWhoseServiceCannotBeHadIsCalledAllTheSameAndToldWithTheCause() {
        dispatcher.apply(Settings.DEFAULT, new ParkingLimits(Duration.ZERO, 0, 0));
        handlers.add("app", 0, "observe", "observed", () -> {
            throw new IllegalStateException("no camera");
        });
        dispatcher.dispatch(event(Map.of()));

        assertThat(explain(Map.of()).called()).singleElement().satisfies(verdict -> assertThat(verdict.reason())
                .isEqualTo("no camera"));
    }

    @Test
    void aComponentThatIsNotThereIsToldWithWhatItLacksIfItWouldWantTheEvent() {
        absent = List.of(absent("Named", "observe", "observed"), absent("Other", "observe", "status"));

        assertThat(outcome("Named", Map.of())).isEqualTo(Outcome.ABSENT);
        assertThat(outcome("Other", Map.of())).isEqualTo(Outcome.UNNAMED);
        assertThat(explain(Map.of()).verdicts()).extracting(Verdict::reason).containsOnly("no camera");
    }

    private static Whereabouts.Absent absent(String name, String tract, String event) {
        Registration registration =
                new Registration(List.of(new Subscription(tract, event)), Optional.empty(), Optional.empty(), 0, "");
        Owner owner = new Owner("app", 5, "test.app", "1.0.0");
        return new Whereabouts.Absent(
                new Handler(0, owner, HandlerIdentity.component("org.example." + name), name, registration, null),
                "no camera");
    }

    private Outcome outcome(String name, Map<String, Object> fields) {
        return explain(fields).verdicts().stream()
                .filter(verdict -> verdict.name().equals(name))
                .findAny()
                .orElseThrow()
                .outcome();
    }

    private Explanation explain(Map<String, Object> fields) {
        return dispatcher.explain(event(fields));
    }

    private static Message event(Map<String, Object> fields) {
        return Message.of("observe", "observed", fields);
    }
}
