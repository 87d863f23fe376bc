// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.callosum.core.HandlerStatus;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class QuarantineCommandTest {
    private List<HandlerStatus> handlers = List.of(Handlers.SEGMENT_LOG, Handlers.FAILED);
    private Long quarantined;
    private Long released;
    private final QuarantineCommand command = new QuarantineCommand(AskedDispatcher.answering(new Answers()));

    @AutoClose
    private final Gogo gogo = new Gogo().add(command, "quarantine").add(command, "release");

    @SuppressWarnings("unused") // by reflection
    private final class Answers {
        List<HandlerStatus> handlers() {
            return handlers;
        }

        void quarantine(long serviceId) {
            quarantined = serviceId;
        }

        void release(long serviceId) {
            released = serviceId;
        }
    }

    @Test
    void aHandlerIsHeldBackByItsIdOrItsName() throws Exception {
        for (String which : List.of("31", "SegmentLog", "segment-log/SegmentLog")) {
            quarantined = null;
            assertThat(gogo.run("quarantine " + which))
                    .isEqualTo("segment-log/SegmentLog is in quarantine: its events are parked until 'release 31'.\n");
            assertThat(quarantined).isEqualTo(31);
        }
    }

    @Test
    void itIsReleasedByItsIdOrItsName() throws Exception {
        for (String which : List.of("31", "SegmentLog", "segment-log/SegmentLog")) {
            released = null;
            assertThat(gogo.run("release " + which)).isEqualTo("Released.\n");
            assertThat(released).isEqualTo(31);
        }
        assertThatThrownBy(() -> gogo.run("release Nobody")).hasMessageStartingWith("There is no handler 'Nobody'");
    }

    @Test
    void oneThatIsNotThereOrNotTheOnlyOneIsAnError() {
        assertThatThrownBy(() -> gogo.run("quarantine Nobody"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "There is no handler 'Nobody': give the service id or the name of one that 'handlers' lists");
        handlers = List.of(Handlers.FAILED, Handlers.FAILED);
        assertThatThrownBy(() -> gogo.run("quarantine History"))
                .hasMessage("There are 2 handlers 'History': give the service id, one of 40, 40");
        assertThat(quarantined).isNull();
    }
}
