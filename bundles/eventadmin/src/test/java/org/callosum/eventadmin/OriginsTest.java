// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.math.BigDecimal;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.Message;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class OriginsTest {
    private final AtomicLong now = new AtomicLong();
    private final Origins origins = new Origins(now::get);

    @Test
    void aMessageIsKnownAgainByTheTextThatTheBusMadeOfIt() {
        Message emitted = Message.of(
                "t", "e", Map.of("f", 1.0f, "d", new BigDecimal("12345678901234567890123"), "s", "\ud800", "c", 'x'));
        origins.add(emitted);
        String json = emitted.toJson();

        assertThat(origins.remove(Message.parse(json.substring(0, json.length() - 1) + ",\"ts\":5}")))
                .isTrue();
    }

    @Test
    void itIsKnownAgainOnce() {
        origins.add(message("e"));

        assertThat(origins.remove(message("e"))).isTrue();
        assertThat(origins.remove(message("e"))).isFalse();
    }

    @Test
    void othersAreNotTakenForIt() {
        origins.add(message("e"));

        assertThat(origins.remove(message("other"))).isFalse();
        assertThat(origins.remove(message("e"))).isTrue();
    }

    @Test
    void aTimeStampOfItsOwnCounts() {
        origins.add(Message.parse("{\"tract\":\"t\",\"event\":\"e\",\"ts\":1}"));

        assertThat(origins.remove(Message.parse("{\"tract\":\"t\",\"event\":\"e\",\"ts\":2}")))
                .isFalse();
        assertThat(origins.remove(Message.parse("{\"tract\":\"t\",\"event\":\"e\",\"ts\":1}")))
                .isTrue();
    }

    @Test
    void whatWasNotEmittedAfterAllIsForgotten() {
        origins.add(message("e"));
        origins.add(message("f"));
        origins.removeLast();

        assertThat(origins.remove(message("f"))).isFalse();
        assertThat(origins.remove(message("e"))).isTrue();
    }

    @Test
    void whatDoesNotComeBackIsForgotten() {
        origins.add(message("e"));
        now.addAndGet(Origins.AGE.toNanos() + 1);

        assertThat(origins.remove(message("e"))).isFalse();
    }

    @Test
    void noMoreAreRememberedThanMayBe() {
        for (int i = 0; i <= Origins.MAX; i++) {
            origins.add(message("e" + i));
        }

        assertThat(origins.remove(message("e0"))).isFalse();
        assertThat(origins.remove(message("e1"))).isTrue();
    }

    private static Message message(String event) {
        return Message.of("t", event, Map.of());
    }
}
