// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.health;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.HandlerTimes;
import org.callosum.core.HealthStatus;
import org.callosum.core.HealthStatus.State;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.transport.TransportStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/** What is well, what is not, and what is said of it. */
class HealthChecksTest {
    private Optional<TransportStatus> transport = Optional.of(new TransportStatus("server", "/j/s", true, Map.of()));
    private boolean dispatching = true;
    private long queued;
    private Duration oldest = Duration.ZERO;
    private long spilled;
    private long givenUp;

    /** What the dispatcher answers, by the method's name. */
    private final Map<String, Object> answers = new HashMap<>(Map.of(
            "isRunning", true,
            "underWay", Duration.ZERO,
            "handlers", List.of(),
            "slow", List.of(),
            "parked", List.of()));

    @Test
    void allIsWellWhenNothingIsToBeDone() {
        assertThat(checks().check())
                .containsExactly(
                        new HealthStatus("bus", State.OK, "server on /j/s, up"),
                        new HealthStatus("dispatcher", State.OK, "7 events were dispatched"),
                        new HealthStatus("queue", State.OK, "no event waits"),
                        new HealthStatus("handlers", State.OK, "0 are well"),
                        new HealthStatus("parked", State.OK, "no app is away"));
    }

    @Test
    void withoutBusAndDispatcherTheyAreCritical() {
        assertThat(new HealthChecks(null, null, Limits.DEFAULT).check())
                .extracting(HealthStatus::check, HealthStatus::state)
                .containsExactly(
                        tuple("bus", State.CRITICAL),
                        tuple("dispatcher", State.CRITICAL),
                        tuple("queue", State.CRITICAL),
                        tuple("handlers", State.OK),
                        tuple("parked", State.OK));
        transport = Optional.empty();
        assertThat(of("bus").text()).contains("org.callosum.bus");
    }

    @Test
    void aBusThatIsDownIsCritical() {
        transport = Optional.of(new TransportStatus("client", "/j/s", false, Map.of()));

        assertThat(of("bus")).isEqualTo(new HealthStatus("bus", State.CRITICAL, "client on /j/s, down"));
    }

    @Test
    void beforeTheAppsAreUpTheDispatcherWarns() {
        dispatching = false;

        assertThat(of("dispatcher").state()).isEqualTo(State.WARN);
    }

    @Test
    void aStoppedDispatcherIsCritical() {
        answers.put("isRunning", false);

        assertThat(of("dispatcher").state()).isEqualTo(State.CRITICAL);
    }

    @ParameterizedTest
    @CsvSource({"0, OK", "9999, OK", "10000, WARN", "59999, WARN", "60000, CRITICAL"})
    void whatLastsTooLongIsFirstWarnedOf(long millis, State expected) {
        oldest = Duration.ofMillis(millis);
        answers.put("underWay", Duration.ofMillis(millis));

        assertThat(of("queue").state()).isEqualTo(expected);
        assertThat(of("dispatcher").state()).isEqualTo(expected);
    }

    @Test
    void theLimitsCanBeChanged() {
        oldest = Duration.ofSeconds(5);
        HealthChecks checks = checks();
        checks.apply(new Limits(Duration.ofSeconds(5), Duration.ofSeconds(1)));

        assertThat(checks.check().get(2).state())
                .as("the alarm is never before the warning")
                .isEqualTo(State.CRITICAL);
    }

    @Test
    void theQueueSaysWhatWaitsWhereAndWhatWasGivenUp() {
        queued = 12;
        oldest = Duration.ofMillis(1500);
        spilled = 5;
        givenUp = 3;

        assertThat(of("queue").text())
                .isEqualTo("12 events wait, the oldest for 1.5 s, 5 of them on disk; 3 were given up since the start");
    }

    @Test
    void handlersThatAreNotWellAreNamed() {
        answers.put(
                "handlers",
                List.of(
                        handler("Well", HandlerStatus.State.ACTIVE),
                        handler("Hangs", HandlerStatus.State.QUARANTINED),
                        handler("Lacks", HandlerStatus.State.FAILED),
                        handler("Odd", HandlerStatus.State.BAD)));
        answers.put("slow", List.of(run("Hangs"), run("Hangs")));

        assertThat(of("handlers"))
                .isEqualTo(new HealthStatus(
                        "handlers",
                        State.WARN,
                        "1 in quarantine (app/Hangs); 1 failed to be had (app/Lacks); 1 badly registered (app/Odd);"
                                + " 1 written off and still running (app/Hangs): 'callosum:handlers' shows why"));
    }

    @Test
    void ofManyHandlersSomeAreNamed() {
        List<HandlerStatus> many = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            many.add(handler("H" + i, HandlerStatus.State.BAD));
        }
        answers.put("handlers", many);

        assertThat(of("handlers").text())
                .contains("7 badly registered", "app/H5 and 2 more")
                .doesNotContain("H6");
    }

    @Test
    void anAppThatIsAwayForAMomentIsNoTrouble() {
        answers.put("parked", List.of(parked(ParkedStatus.State.AWAY, 3, 0)));

        assertThat(of("parked"))
                .isEqualTo(new HealthStatus(
                        "parked", State.OK, "greeter left 3.0 s ago with 4 events parked and 0 given up"));
    }

    @Test
    void anAppThatIsAwayForLongOrLosesEventsIs() {
        answers.put("parked", List.of(parked(ParkedStatus.State.AWAY, 10, 0)));
        assertThat(of("parked").state()).isEqualTo(State.WARN);

        answers.put("parked", List.of(parked(ParkedStatus.State.AWAY, 3, 1)));
        assertThat(of("parked").state()).isEqualTo(State.WARN);
    }

    @Test
    void whatIsParkedForAQuarantineIsSaidOfTheHandlersAlone() {
        answers.put("parked", List.of(parked(ParkedStatus.State.QUARANTINED, 100, 50)));

        assertThat(of("parked").state()).isEqualTo(State.OK);
    }

    private HealthStatus of(String name) {
        return checks().check().stream()
                .filter(each -> each.check().equals(name))
                .findAny()
                .orElseThrow();
    }

    private HealthChecks checks() {
        Bridge bridge = fake(
                Bridge.class,
                Map.of(
                        "status",
                        new BridgeStatus(
                                dispatching,
                                transport,
                                queued,
                                0,
                                oldest,
                                spilled,
                                0,
                                Duration.ZERO,
                                9,
                                7,
                                givenUp,
                                0,
                                0)));
        return new HealthChecks(bridge, fake(Dispatcher.class, answers), Limits.DEFAULT);
    }

    /** Whatever has no answer fails the test: the checks only look. */
    private static <T> T fake(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                HealthChecksTest.class.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Object answer = answers.get(method.getName());
                    assertThat(answer).as(method.getName()).isNotNull();
                    return answer;
                }));
    }

    private static HandlerStatus handler(String name, HandlerStatus.State state) {
        return new HandlerStatus(
                1,
                "app",
                name,
                List.of(),
                "",
                Optional.empty(),
                1,
                "bundle",
                "1.0.0",
                state,
                0,
                0,
                0,
                0,
                0,
                HandlerTimes.NONE,
                Optional.empty(),
                "");
    }

    private static InvocationStatus run(String handler) {
        return new InvocationStatus(
                "app",
                handler,
                "a",
                "b",
                InvocationStatus.State.WRITTEN_OFF,
                true,
                Duration.ofSeconds(40),
                "thread",
                List.of());
    }

    private static ParkedStatus parked(ParkedStatus.State state, long seconds, long lost) {
        Duration since = Duration.ofSeconds(seconds);
        return new ParkedStatus("greeter", 5, "greeter", state, since, since, 4, 100, 4 + lost, 0, lost);
    }
}
