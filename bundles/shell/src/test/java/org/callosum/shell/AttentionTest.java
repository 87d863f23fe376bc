// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.callosum.core.AbsentComponent;
import org.callosum.core.BridgeStatus;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.shell.AppsView.App;
import org.callosum.shell.Attention.Seen;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.TransportStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class AttentionTest {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    static final InvocationStatus STUCK = new InvocationStatus(
            "observer",
            "History",
            "observe",
            "obs\u001berved",
            InvocationStatus.State.WRITTEN_OFF,
            true,
            Duration.ofSeconds(95),
            "callosum-worker observer/History",
            List.of(
                    new StackTraceElement("com.example.Lock", "await", "Lock.java", 42),
                    new StackTraceElement("com.example.History", "handle", "History.java", 7)));
    private static final BridgeStatus UP = bridge(0, Duration.ZERO, 0, 0);

    @Test
    void whatIsWellNeedsNone() {
        assertThat(found(seen(UP, List.of(Handlers.PICKY), List.of()))).isEmpty();
        assertThat(found(seen(UP, List.of(), List.of(running(InvocationStatus.State.SLOW, Duration.ofMillis(300))))))
                .as("within its time limit, and not for long")
                .isEmpty();
    }

    @Test
    void aHandlerThatHangsIsALineWithThePlaceWhereItIs() {
        assertThat(found(seen(UP, List.of(), List.of(STUCK, STUCK))))
                .containsExactly(new Attention(
                        Urgency.ALARM,
                        "hangs",
                        "observer/History",
                        "callosum:running",
                        "for 1 min 35 s on observe/obs\\u001berved, and 1 more times: over its time limit, no longer"
                                + " waited for; now at com.example.Lock.await(Lock.java:42)"));
        assertThat(found(seen(UP, List.of(), List.of(running(InvocationStatus.State.SLOW, Duration.ofSeconds(1))))))
                .extracting(Attention::urgency, Attention::what)
                .containsExactly(tuple(Urgency.WARNING, "is slow"));
    }

    @Test
    void aBusThatIsDownSaysWhatToDoIfSomebodyElseWasToServeIt() {
        assertThat(found(seen(down("client"), List.of(), List.of())))
                .containsExactly(new Attention(
                        Urgency.ALARM,
                        "bus down",
                        "bus",
                        "callosum:clients",
                        "client on /journal/health/callosum.sock: not connected. It connects as soon as somebody serves there;"
                                + " if nobody is to, save 'mode = server' in the configuration org.callosum.bus"));
        assertThat(found(seen(down("server"), List.of(), List.of())))
                .extracting(Attention::why)
                .containsExactly("server on /journal/health/callosum.sock");
    }

    @Test
    void aBusThatIsUpAndThatNobodyElseGetsInToSaysWhy() {
        assertThat(found(seen(bus("server", true, Map.of("acceptPaused", 0L, "socketLost", 0L)), List.of(), List.of())))
                .isEmpty();
        assertThat(found(seen(bus("server", true, Map.of("acceptPaused", 1L, "socketLost", 1L)), List.of(), List.of())))
                .containsExactly(
                        new Attention(
                                Urgency.ALARM,
                                "no entry",
                                "bus",
                                "callosum:clients",
                                "the system gives no more sockets, so no new client is let in: if there are too many open"
                                        + " files, raise the limit (ulimit -n)"),
                        new Attention(
                                Urgency.ALARM,
                                "no entry",
                                "bus",
                                "-",
                                "new clients do not find the bus: /journal/health/callosum.sock is not its socket any more"
                                        + " and cannot be bound again; the log says why"));
    }

    private static BridgeStatus down(String mode) {
        return bus(mode, false, Map.of());
    }

    private static BridgeStatus bus(String mode, boolean up, Map<String, Long> counters) {
        TransportStatus bus = new TransportStatus(mode, "/journal/health/callosum.sock", up, counters);
        return new BridgeStatus(true, Optional.of(bus), 0, 0, Duration.ZERO, 0, 0, Duration.ZERO, 0, 0, 0, 0, 0);
    }

    @Test
    void whatHangsAndIsInQuarantineForThatIsOneLine() {
        HandlerStatus quarantined = with(Handlers.FAILED, HandlerStatus.State.QUARANTINED, "in quarantine");

        assertThat(found(seen(UP, List.of(quarantined), List.of(STUCK))))
                .extracting(Attention::what)
                .containsExactly("quarantined");
    }

    @Test
    void aHandlerThatThrewOrOverranLatelySaysSoAndAnHourLaterNoMore() {
        HandlerStatus threw = with(Handlers.FAILED, HandlerStatus.State.ACTIVE, "");
        assertThat(found(seen(UP, List.of(threw), List.of())))
                .containsExactly(new Attention(
                        Urgency.WARNING,
                        "failed",
                        "observer/History",
                        "callosum:handler 40",
                        "7 of 7 times, last 1 min 0 s ago on observe/observed: java.lang.IllegalStateException:"
                                + " no\\u000ajournal"));
        assertThat(Attention.of(seen(UP, List.of(threw), List.of()), NOW.plus(Attention.RECENT)))
                .isEmpty();
        Seen overran = seen(UP, List.of(Handlers.SEGMENT_LOG), List.of()); // an hour before NOW
        assertThat(Attention.of(overran, NOW.minusSeconds(1)))
                .extracting(Attention::what)
                .containsExactly("timed out");
        assertThat(Attention.of(overran, NOW)).isEmpty();
    }

    @Test
    void aHandlerThatIsNotCalledSaysWhy() {
        HandlerStatus quarantined = with(
                Handlers.SEGMENT_LOG, HandlerStatus.State.QUARANTINED, "in quarantine for 3.0 s, after 3 time-outs");

        assertThat(found(seen(UP, List.of(quarantined, Handlers.FAILED, Handlers.BAD), List.of())))
                .allMatch(each -> each.urgency() == Urgency.ALARM)
                .extracting(Attention::what, Attention::see)
                .containsExactly(
                        tuple("quarantined", "callosum:handler 31"),
                        tuple("not there", "callosum:handler 40"),
                        tuple("malformed", "callosum:handler 44"));
    }

    @Test
    void aComponentThatLacksSomethingAndAnAppThatDoesNotRunAreTheirAppsMatter() {
        AppsView.AppBundle resting = new AppsView.AppBundle(5, "com.example.door", "1.0.0", "door", true, "resolved");
        AbsentComponent lacks = new AbsentComponent(
                5, "com.example.door", "com.example.Door", true, AbsentComponent.Cause.REFERENCE, "lacks x");
        App app = new App(resting, List.of(), List.of(), List.of(lacks));

        assertThat(found(new Seen(UP, List.of(), true, List.of(app), List.of(), List.of(), List.of())))
                .containsExactly(
                        new Attention(Urgency.ALARM, "not there", "door/Door", "callosum:app 5", "lacks x"),
                        new Attention(
                                Urgency.WARNING, "not running", "door", "callosum:app 5", "its bundle is resolved"));
    }

    @Test
    void whatIsParkedOrLateOrLostOrHeldUpIsToldOfTheRuntime() {
        List<ParkedStatus> parked = List.of(ParkedViewTest.AWAY);
        List<ConnectionStatus> clients = List.of(ConnectionsViewTest.LISTENER, ConnectionsViewTest.SENDER);

        assertThat(found(new Seen(
                        bridge(7, Duration.ofSeconds(11), 7, 4),
                        clients,
                        true,
                        List.of(),
                        List.of(),
                        List.of(),
                        parked)))
                .extracting(Attention::what, Attention::who, Attention::see)
                .containsExactly(
                        tuple("lost", "queue", "callosum:queue"),
                        tuple("parked", "observer", "callosum:parked"),
                        tuple("holds up", "client 12", "callosum:clients"),
                        tuple("on disk", "queue", "callosum:queue"));
        assertThat(found(seen(bridge(7, Duration.ofSeconds(11), 0, 0), List.of(), List.of())))
                .extracting(Attention::what)
                .containsExactly("late");
    }

    @Test
    void whatIsNotThereIsToldFirst() {
        assertThat(found(new Seen(null, List.of(), null, List.of(), List.of(), List.of(), List.of())))
                .extracting(Attention::what)
                .containsExactly("no core");
        BridgeStatus without =
                new BridgeStatus(true, Optional.empty(), 0, 0, Duration.ZERO, 0, 0, Duration.ZERO, 0, 0, 0, 0, 0);
        assertThat(found(new Seen(without, List.of(), false, List.of(), List.of(), List.of(), List.of())))
                .extracting(Attention::what)
                .containsExactly("stopped", "no bus");
    }

    private static List<Attention> found(Seen seen) {
        return Attention.of(seen, NOW);
    }

    static Seen seen(BridgeStatus bridge, List<HandlerStatus> handlers, List<InvocationStatus> running) {
        return new Seen(bridge, List.of(), true, List.of(), handlers, running, List.of());
    }

    private static InvocationStatus running(InvocationStatus.State state, Duration time) {
        return new InvocationStatus(
                "a", "b", "c", "d", state, state == InvocationStatus.State.WRITTEN_OFF, time, "t", List.of());
    }

    private static HandlerStatus with(HandlerStatus of, HandlerStatus.State state, String problem) {
        return new HandlerStatus(
                of.serviceId(),
                of.app(),
                of.name(),
                of.subscriptions(),
                of.filter(),
                of.timeout(),
                of.bundleId(),
                of.bundle(),
                of.version(),
                state,
                of.invoked(),
                of.failed(),
                of.timedOut(),
                of.running(),
                of.perSecond(),
                of.times(),
                of.lastFailure(),
                problem);
    }

    private static BridgeStatus bridge(long queued, Duration oldest, long spilled, long givenUp) {
        TransportStatus bus = new TransportStatus("server", "/journal/health/callosum.sock", true, Map.of());
        return new BridgeStatus(
                true, Optional.of(bus), queued, 0, oldest, spilled, 0, Duration.ZERO, 0, 0, givenUp, 0, 0);
    }
}
