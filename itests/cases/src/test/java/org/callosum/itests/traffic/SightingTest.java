// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.util.LinkedHashMap;
import java.util.Map;

import org.callosum.api.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SightingTest {
    @Test
    void whatAHandlerEmitsIsRead() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("by", "neighbour");
        fields.put("version", "1.2.3");
        fields.put("setting", "loud");
        fields.put("instance", -7);
        fields.put("n", 42);
        fields.put("t", 1_234_567_890_123L);

        assertThat(Sighting.read(Message.of("numbered", "seen", fields).toJson()))
                .contains(new Sighting("neighbour", "1.2.3", "loud", -7, 42, 1_234_567_890_123L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tract\":\"numbered\",\"event\":\"sent\",\"n\":1,\"t\":2}",
                "{\"tract\":\"other\",\"event\":\"seen\",\"n\":1}",
                "{}"
            })
    void otherFramesAreNone(String frame) {
        assertThat(Sighting.read(frame)).isEmpty();
    }

    @Test
    void oneThatLacksAFieldIsNotPassedOver() {
        assertThatThrownBy(() -> Sighting.read("{\"tract\":\"numbered\",\"event\":\"seen\",\"by\":\"a\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no field \"version\"");
    }
}
