// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.ConnectionStatus.Peer;
import org.callosum.transport.ConnectionStatus.State;
import org.callosum.transport.ConnectionStatus.Tract;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionsViewTest {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    static final ConnectionStatus LISTENER = new ConnectionStatus(
            12,
            "ada",
            "users",
            Optional.empty(),
            State.HOLDS_UP,
            NOW.minusSeconds(3_600),
            Optional.empty(),
            "",
            0,
            0,
            0,
            0,
            0,
            120_000,
            30_000_000,
            0,
            67_108_864,
            Optional.of(Duration.ofMillis(12_340)),
            List.of(),
            "");

    static final ConnectionStatus SENDER = new ConnectionStatus(
            3,
            "root",
            "root",
            Optional.of(new Peer(4711, "/usr/bin/logger\n\u001b[2J --journal /a/very/long/path")),
            State.SEND_ONLY,
            NOW.minusSeconds(90),
            Optional.empty(),
            "",
            1_000,
            256_000,
            2,
            1,
            77,
            40,
            10_240,
            960,
            0,
            Optional.empty(),
            List.of(new Tract("logs", 900), new Tract("observe", 59), new Tract("think", 31), new Tract("rare", 10)),
            "logs/line");

    static final ConnectionStatus CLOSED = new ConnectionStatus(
            1,
            "a\u001b[2Jda",
            "us\ners",
            Optional.empty(),
            State.CLOSED,
            NOW.minusSeconds(3_600),
            Optional.of(NOW.minusSeconds(600)),
            "failure: java.io.IOException: no\nroom",
            1,
            100,
            0,
            0,
            0,
            5,
            500,
            0,
            1_024,
            Optional.of(Duration.ofSeconds(5)),
            List.of(new Tract("x\u202ey" + "z".repeat(300), 1)),
            "a\nb/" + "c".repeat(300));

    @Test
    void thoseThatAreOpenAreAlignedByNumber() {
        assertThat(ConnectionsView.open(List.of(LISTENER, SENDER), NOW, Screen.PLAIN))
                .isEqualTo(
                        """
                        CLIENT  USER       PROCESS                                        STATE             FOR  FRAMES IN    SIZE IN  INVALID  TOO LONG  HELD  FRAMES OUT  SIZE OUT  DROPPED   BACKLOG  OLDEST  MOSTLY SENDS
                             3  root:root  4711 /usr/bin/logger\\u000a\\u001b[2J --journa…  send-only  1 min 30 s       1000  250.0 KiB        2         1  77 B          40  10.0 KiB      960       0 B       -  logs 90 %, observe 5 %, think 3 %
                            12  ada:users  -                                              holds-up    1 h 0 min          0        0 B        0         0   0 B      120000  28.6 MiB        0  64.0 MiB  12.3 s  -
                        """);
    }

    @Test
    void thoseThatAreClosedSayWhyAndNothingOfThemBreaksALine() {
        assertThat(ConnectionsView.closed(List.of(CLOSED), NOW, Screen.PLAIN))
                .isEqualTo(
                        """
                        CLOSED  USER                      PROCESS         AGO       AFTER  FRAMES IN  SIZE IN  INVALID  TOO LONG  FRAMES OUT  SIZE OUT  DROPPED  BACKLOG  OLDEST  MOSTLY SENT                 LAST FRAME                                WHY
                             1  a\\u001b[2Jda:us\\u000aers  -        10 min 0 s  50 min 0 s          1    100 B        0         0           5     500 B        0  1.0 KiB   5.0 s  x\\u202eyzzzzzzzzzzz… 100 %  a\\u000ab/cccccccccccccccccccccccccccccc…  failure: java.io.IOException: no\\u000aroom
                        """);
    }

    @Test
    void namesOfOthersAreFitForATerminalInTheOpenOnesToo() {
        assertThat(ConnectionsView.open(List.of(CLOSED), NOW, Screen.PLAIN).lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).doesNotContainPattern("[\\p{Cc}\\p{Cf}]"));
    }

    @Test
    void noneIsSaidInASentence() {
        assertThat(ConnectionsView.open(List.of(), NOW, Screen.PLAIN)).isEqualTo("No connections.\n");
        assertThat(ConnectionsView.closed(List.of(), NOW, Screen.PLAIN))
                .isEqualTo("No closed connections are remembered.\n");
    }

    @Test
    void aClockThatWasSetBackMakesNoNegativeTime() {
        assertThat(ConnectionsView.open(List.of(SENDER), NOW.minusSeconds(1_000), Screen.PLAIN))
                .contains("  0 ms  ");
    }
}
