// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.callosum.core.BridgeStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.transport.TransportStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StatusViewTest {
    private static final BridgeStatus IDLE =
            new BridgeStatus(false, Optional.empty(), 0, 0, Duration.ZERO, 0, 0, Duration.ZERO, 1, 1, 0, 0, 0);

    @Test
    void theWayFromTheBusToTheHandlersIsShownWithUnits() {
        Map<String, Long> counters = new LinkedHashMap<>();
        counters.put("clients", 3L);
        counters.put("framesIn", 65_000L);
        counters.put("backlogBytes", 1_536L);
        TransportStatus bus = new TransportStatus("server", "/journal/health/callosum.sock", true, counters);
        BridgeStatus bridge = new BridgeStatus(
                true,
                Optional.of(bus),
                12,
                70_000,
                Duration.ofMillis(1_250),
                7,
                2_097_152,
                Duration.ofMillis(900),
                65_000,
                64_988,
                0,
                5,
                1);

        assertThat(StatusView.text(bridge, new FakeDispatcher(true, List.of(Handlers.SEGMENT_LOG), List.of())))
                .isEqualTo(
                        """
                        Bus             server on /journal/health/callosum.sock, up
                          clients       3
                          framesIn      65000
                          backlogBytes  1.5 KiB
                        Dispatching     yes
                        Queue           12 events, 68.4 KiB, the oldest for 1.2 s
                        Spilled         7 events, 2.0 MiB, the oldest for 900 ms
                        Received        65000 events
                        Dispatched      64988 events
                        Given up        0 events
                        Emitted         5 messages
                        Refused         1 message
                        Dispatcher      running
                        Handlers        1, 0 bad, 0 failed
                        Parked          none
                        Slow            none
                        """);
    }

    @Test
    void whatIsNotThereOrDoesNotRunIsSaid() {
        assertThat(StatusView.text(IDLE, new FakeDispatcher(false, List.of(), List.of())))
                .isEqualTo(
                        """
                Bus          none: the bundle org.callosum.bus is not running
                Dispatching  no: waiting until the apps are up, or stopped
                Queue        0 events, 0 B
                Spilled      0 events, 0 B
                Received     1 event
                Dispatched   1 event
                Given up     0 events
                Emitted      0 messages
                Refused      0 messages
                Dispatcher   stopped
                Handlers     0, 0 bad, 0 failed
                Parked       none
                Slow         none
                """);
    }

    @Test
    void aBusThatIsAwayIsDown() {
        TransportStatus bus = new TransportStatus("client", "/j/health/callosum.sock", false, Map.of());

        assertThat(StatusView.text(
                        new BridgeStatus(
                                true, Optional.of(bus), 0, 0, Duration.ZERO, 0, 0, Duration.ZERO, 0, 0, 0, 0, 0),
                        null))
                .startsWith("Bus          client on /j/health/callosum.sock, down\n");
    }

    @Test
    void handlersThatAreNotWellAreCounted() {
        assertThat(StatusView.text(
                        IDLE,
                        new FakeDispatcher(
                                true, List.of(Handlers.SEGMENT_LOG, Handlers.FAILED, Handlers.BAD), List.of())))
                .contains("\nHandlers     3, 1 bad, 1 failed: 'handlers' shows why\n");
    }

    @Test
    void whatOverranIsShownWithThePlaceWhereItIsStuck() {
        InvocationStatus stuck = new InvocationStatus(
                "observer",
                "History",
                "observe",
                "obs\u001berved",
                InvocationStatus.State.WRITTEN_OFF,
                Duration.ofSeconds(95),
                "callosum-worker observer/History",
                List.of(
                        new StackTraceElement("com.example.Lock", "await", "Lock.java", 42),
                        new StackTraceElement("com.example.History", "handle", "History.java", 7)));
        InvocationStatus gone = new InvocationStatus(
                "a", "b", "c", "d", InvocationStatus.State.SLOW, Duration.ofMillis(3_010), "t", List.of());

        assertThat(StatusView.text(null, new FakeDispatcher(true, List.of(), List.of(stuck, gone))))
                .isEqualTo(
                        """
                Bridge      none: the bundle org.callosum.core is not running
                Dispatcher  running
                Handlers    0, 0 bad, 0 failed
                Parked      none
                Slow        2 still running, 1 written off, see below

                APP/HANDLER       EVENT                   STATE        RUNNING FOR  THREAD                            NOW AT
                observer/History  observe/obs\\u001berved  written off   1 min 35 s  callosum-worker observer/History  com.example.Lock.await(Lock.java:42)
                a/b               c/d                     slow               3.0 s  t                                 -
                """);
    }

    @Test
    void whatIsParkedIsShown() {
        ParkedStatus parked = new ParkedStatus(
                "greeter",
                7,
                "com.example.greeter",
                ParkedStatus.State.AWAY,
                Duration.ofMillis(1_200),
                Duration.ofMillis(1_200),
                512,
                70_000,
                512,
                0,
                3);

        assertThat(StatusView.text(
                        null, new FakeDispatcher(true, List.of(), List.of(), List.of(), List.of(parked), List.of())))
                .isEqualTo(
                        """
                Bridge      none: the bundle org.callosum.core is not running
                Dispatcher  running
                Handlers    0, 0 bad, 0 failed
                Parked      1, see below
                Slow        none

                PARKED APP  BUNDLE               STATE  LEFT AGO   AWAY  EVENTS      SIZE  PARKED  HANDED OVER  GIVEN UP
                greeter     com.example.greeter  away      1.2 s  1.2 s     512  68.4 KiB     512            0         3
                """);
    }

    @Test
    void whatWasParkedIsShownForTheLastFewAppsThatHadEvents() {
        List<ParkedStatus> before = new ArrayList<>();
        before.add(done("silent", 0, 0, 0));
        before.add(done("greeter", 300, 300, 0));
        before.add(done("late", 5, 0, 5));
        for (int i = 0; i < 9; i++) {
            before.add(done("older" + i, 1, 1, 0));
        }

        assertThat(StatusView.text(null, new FakeDispatcher(true, List.of(), List.of(), List.of(), List.of(), before)))
                .endsWith(
                        """

                PARKED BEFORE  BUNDLE               STATE   LEFT AGO   AWAY  EVENTS  SIZE  PARKED  HANDED OVER  GIVEN UP
                greeter        com.example.greeter  done   1 min 0 s  1.2 s       0   0 B     300          300         0
                late           com.example.late     done   1 min 0 s  1.2 s       0   0 B       5            0         5
                older0         com.example.older0   done   1 min 0 s  1.2 s       0   0 B       1            1         0
                older1         com.example.older1   done   1 min 0 s  1.2 s       0   0 B       1            1         0
                older2         com.example.older2   done   1 min 0 s  1.2 s       0   0 B       1            1         0
                """);
    }

    private static ParkedStatus done(String app, long parked, long handedOver, long givenUp) {
        return new ParkedStatus(
                app,
                7,
                "com.example." + app,
                ParkedStatus.State.DONE,
                Duration.ofMinutes(1),
                Duration.ofMillis(1_200),
                0,
                0,
                parked,
                handedOver,
                givenUp);
    }
}
