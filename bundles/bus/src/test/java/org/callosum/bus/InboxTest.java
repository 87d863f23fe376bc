// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a connection brings is handed over as one read brought it. */
class InboxTest {
    private final List<String> calls = new ArrayList<>();
    private final ClientCounters counters = new ClientCounters();
    private final ReceiverSlot slot = new ReceiverSlot(Duration.ZERO);
    private final RecordingLogger log = new RecordingLogger();
    private final Inbox inbox =
            new Inbox(new FrameScanner(), slot, 1_000, counters, new LogPause(), new ContainerLog(log.logger()));

    private final RecordingReceiver receiver = new RecordingReceiver() {
        @Override
        public boolean receiveUnheard(String tract, String event) {
            if (event.equals("failing")) {
                throw new IllegalStateException("this one fails");
            }
            return tract.equals("unheard");
        }

        @Override
        public void receiveAhead(Message message) {
            calls.add(message.event());
        }

        @Override
        public void received() {
            calls.add("received");
        }
    };

    @Test
    void whatOneReadBroughtIsHandedOverTogetherButForWhatNobodyListensTo() {
        slot.attach(receiver);
        take(frame("a", "one") + frame("unheard", "two") + "nothing\n" + frame("a", "three") + "{\"tract\":");
        take("\"a\",\"event\":\"four\"}\n");

        assertThat(calls).containsExactly("one", "three", "received", "four", "received");
        assertThat(counters.framesIn.sum()).isEqualTo(4);
        assertThat(counters.invalid.sum()).isEqualTo(1);
    }

    @Test
    void whoFailsOverNamesGetsTheMessage() {
        slot.attach(receiver);
        take(frame("a", "failing"));

        assertThat(calls).containsExactly("failing", "received");
        assertThat(log.lines("ERROR")).singleElement().asString().contains("asked for an event's names");
    }

    @Test
    void theLastFrameIsHandedOverToo() {
        slot.attach(receiver);
        take(frame("a", "last").strip());
        inbox.takeLast();

        assertThat(calls).containsExactly("received", "last", "received");
    }

    private void take(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        slot.enter();
        try {
            inbox.take(bytes, bytes.length, 0);
        } finally {
            slot.exit();
        }
    }

    private static String frame(String tract, String event) {
        return "{\"tract\":\"" + tract + "\",\"event\":\"" + event + "\"}\n";
    }
}
