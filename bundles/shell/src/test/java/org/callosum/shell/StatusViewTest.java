// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.callosum.api.Json;
import org.callosum.core.BridgeStatus;
import org.callosum.shell.Attention.Seen;
import org.callosum.transport.TransportStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StatusViewTest {
    private static final StatusView.Runtime RUNTIME = new StatusView.Runtime("1.0.0", Duration.ofMinutes(192));
    private static final String FIRST_LINE =
            "Callosum     1.0.0, up for 3 h 12 min, on Java " + System.getProperty("java.version");

    @Test
    void theWayFromTheBusToTheHandlersIsShownWithUnits() {
        Seen seen = AttentionTest.seen(busy(), List.of(Handlers.SEGMENT_LOG), List.of());

        assertThat(StatusView.text(RUNTIME, seen, List.of(), Screen.PLAIN))
                .isEqualTo(
                        """
                        Nothing needs attention.

                        %s
                        Bus          server on /journal/health/callosum.sock, up
                        Bus memory   1.0 MiB of 256.0 MiB for what waits to go out and what has begun to come
                        Bus counts   clients 3, framesIn 65000, backlogBytes 1.5 KiB
                        Dispatching  yes
                        Queue        12 events, 68.4 KiB, the oldest for 1.2 s
                        Spilled      7 events, 2.0 MiB, the oldest for 900 ms
                        Received     65000 events
                        Dispatched   64988 events
                        Given up     0 events
                        Emitted      5 messages
                        Refused      1 message
                        Dispatcher   running
                        Apps         0
                        Handlers     1
                        Invoked      1234 times, 0 failed, 0 timed out, 12/s now
                        Parked       none
                        Running      nothing for long
                        """
                                .formatted(FIRST_LINE));
    }

    @Test
    void whatNeedsAttentionComesFirstInItsColourAndItsCommandIsWhole() {
        Seen seen = AttentionTest.seen(busy(), List.of(Handlers.FAILED), List.of(AttentionTest.STUCK));

        String text = StatusView.text(RUNTIME, seen, Attention.of(seen, AttentionTest.NOW), new Screen(70, true));

        assertThat(text)
                .startsWith(
                        """
                        ATTENTION  WHO           SEE                  WHY
                        \u001b[31mhangs\u001b[m      observer/Hi…  callosum:running     for 1 min 35 s on
                        """)
                .contains("\n\u001b[31mnot there\u001b[m  observer/Hi…  callosum:handler 40  ")
                .contains("Handlers     1, 1 failed\n")
                .contains("Running      1 for more than a moment, 1 written off:");
    }

    @Test
    void whatIsNotThereIsSaid() {
        Seen nothing = new Seen(null, List.of(), null, List.of(), List.of(), List.of(), List.of());

        assertThat(StatusView.text(RUNTIME, nothing, Attention.of(nothing, AttentionTest.NOW), Screen.PLAIN))
                .startsWith("ATTENTION  WHO                SEE  WHY\n"
                        + "no core    org.callosum.core  -    the bundle org.callosum.core is not running\n")
                .endsWith(
                        """
                Bridge      none: the bundle org.callosum.core is not running
                Dispatcher  none: the bundle org.callosum.core is not running
                """);
        BridgeStatus noBus =
                new BridgeStatus(false, Optional.empty(), 0, 0, Duration.ZERO, 0, 0, Duration.ZERO, 1, 1, 0, 0, 0);
        assertThat(StatusView.text(RUNTIME, AttentionTest.seen(noBus, List.of(), List.of()), List.of(), Screen.PLAIN))
                .contains(
                        """
                Bus          none: the bundle org.callosum.bus is not running
                Dispatching  no: waiting until the apps are up, or stopped
                """);
        BridgeStatus down = new BridgeStatus(
                true,
                Optional.of(new TransportStatus("client", "/j/health/callosum.sock", false, Map.of())),
                0,
                0,
                Duration.ZERO,
                0,
                0,
                Duration.ZERO,
                0,
                0,
                0,
                0,
                0);
        assertThat(StatusView.text(RUNTIME, AttentionTest.seen(down, List.of(), List.of()), List.of(), Screen.PLAIN))
                .contains("Bus          client on /j/health/callosum.sock, down\n");
    }

    @Test
    void scriptsGetOneObject() {
        Seen seen = AttentionTest.seen(busy(), List.of(Handlers.FAILED), List.of(AttentionTest.STUCK));
        Map<String, Object> json =
                Json.parseObject(Json.write(StatusView.json(RUNTIME, seen, Attention.of(seen, AttentionTest.NOW))));

        assertThat(json)
                .containsEntry("version", "1.0.0")
                .containsEntry("upNanos", Duration.ofMinutes(192).toNanos())
                .containsEntry("dispatcherRunning", true)
                .containsEntry("failed", 7L);
        assertThat(json.get("queue")).isEqualTo(Json.parseObject(Json.write(QueueView.json(busy()))));
        assertThat((List<?>) json.get("attention")).hasSize(3);
        Seen nothing = new Seen(null, List.of(), null, List.of(), List.of(), List.of(), List.of());
        assertThat(StatusView.json(RUNTIME, nothing, List.of())).containsEntry("queue", null);
    }

    private static BridgeStatus busy() {
        Map<String, Long> counters = new LinkedHashMap<>();
        counters.put("clients", 3L);
        counters.put("framesIn", 65_000L);
        counters.put("tooLong", 0L); // not worth a word
        counters.put("backlogBytes", 1_536L);
        counters.put("memoryBytes", 1L << 20);
        counters.put("memoryLimitBytes", 256L << 20);
        TransportStatus bus = new TransportStatus("server", "/journal/health/callosum.sock", true, counters);
        return new BridgeStatus(
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
    }
}
