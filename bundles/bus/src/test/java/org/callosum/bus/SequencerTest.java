// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.List;
import java.util.Map;

import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;

import static java.time.Duration.ZERO;
import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of this runtime's own messages at a receiver that does not do its part. */
class SequencerTest {
    private static final ServerSettings SETTINGS = ServerSettings.DEFAULT;

    private final RecordingLogger logger = new RecordingLogger();
    private final ServerCounters counters = new ServerCounters();
    private final BusMemory memory = new BusMemory(List.of(), () -> SETTINGS, counters, logger.logger());
    private final FrameLog log = new FrameLog(memory, () -> 0);
    private final ReceiverSlot slot = new ReceiverSlot(ZERO);
    private final OwnEmits own = new OwnEmits();
    private final Sequencer sequencer = new Sequencer(
            log,
            memory,
            new Stragglers(new Recipients(log, counters), log, () -> SETTINGS, counters, logger.logger()),
            slot,
            own,
            new TimeStamps(() -> 0),
            () -> SETTINGS,
            counters,
            logger.logger());

    @Test
    void whatTheReceiverFailsToGiveUpHoldsNothingBehindItUp() {
        RecordingReceiver failing = new RecordingReceiver() {
            @Override
            public void gaveUp(Message message) {
                throw new IllegalStateException("broken");
            }
        };
        failing.reservable(0);
        emit("one");
        emit("two");
        slot.attach(failing); // it was not there when they were emitted: there is no place for them

        sequencer.takeOwn(0);

        assertThat(log.frames()).isEqualTo(2);
        assertThat(logger.lines("ERROR"))
                .satisfiesExactly(line -> assertThat(line).endsWith(" [tract=own event=one]"), line -> assertThat(line)
                        .endsWith(" [tract=own event=two]"));
    }

    private void emit(String event) {
        Message message = Message.of("own", event, Map.of());
        int bytes = message.toUtf8().remaining();
        assertThat(own.offer(new OwnEmits.Own(message, bytes, null), SETTINGS.ownAllowanceBytes()))
                .isTrue();
    }
}
