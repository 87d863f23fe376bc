// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.callosum.api.Message;
import org.junit.jupiter.api.Test;
import org.osgi.service.event.Event;

import static org.assertj.core.api.Assertions.assertThat;

class FieldsTest {
    @Test
    void theLastPartOfTheTopicIsTheEventAndPropertiesAreFields() {
        Map<String, Object> properties = new HashMap<>();
        properties.put("text", "a");
        properties.put("count", 3);
        properties.put("huge", BigInteger.TEN.pow(30));
        properties.put("ratio", 0.5f);
        properties.put("names", new String[] {"x", "y"});
        properties.put("nested", Map.of("list", List.of(true)));
        properties.put("nothing", null);

        Fields fields = Fields.of(new Event("com/acme/door/OPENED", properties), "acme");

        assertThat(fields.leftOut()).isZero();
        assertThat(fields.message().toJson())
                .isEqualTo(
                        "{\"tract\":\"acme\",\"event\":\"OPENED\",\"count\":3,\"event.topics\":\"com/acme/door/OPENED\","
                                + "\"huge\":1000000000000000000000000000000,\"names\":[\"x\",\"y\"],\"nested\":{\"list\":[true]},"
                                + "\"nothing\":null,\"ratio\":0.5,\"text\":\"a\"}");
    }

    @Test
    void aTopicOfOnePartIsTheEvent() {
        assertThat(Fields.of(new Event("alone", Map.of()), "t").message())
                .isEqualTo(Message.of("t", "alone", Map.of("event.topics", "alone")));
    }

    @Test
    void whatJsonHasNoFormForIsLeftOutAloneAndWithinAList() {
        List<Object> endless = new ArrayList<>();
        endless.add(endless);
        Map<String, Object> properties = Map.of(
                "exception",
                new IllegalStateException("x"),
                "mixed",
                List.of("a", Optional.empty()),
                "endless",
                endless,
                "bytes",
                new byte[] {1},
                "kept",
                "k");

        Fields fields = Fields.of(new Event("a/b", properties), "t");

        assertThat(fields.leftOut()).isEqualTo(4);
        assertThat(fields.message()).isEqualTo(Message.of("t", "b", Map.of("event.topics", "a/b", "kept", "k")));
    }

    @Test
    void aPropertyNamedTractOrEventIsLeftOut() {
        Fields fields = Fields.of(new Event("a/b", Map.of("tract", "x", "event", "y")), "t");

        assertThat(fields.leftOut()).isEqualTo(2);
        assertThat(fields.message()).isEqualTo(Message.of("t", "b", Map.of("event.topics", "a/b")));
    }

    @Test
    void aValueThatFailsWhenItIsReadIsLeftOut() {
        CharSequence failing = new CharSequence() {
            @Override
            public int length() {
                return 1;
            }

            @Override
            public char charAt(int index) {
                return 'x';
            }

            @Override
            public CharSequence subSequence(int start, int end) {
                return this;
            }

            @Override
            public String toString() {
                throw new NoClassDefFoundError("gone");
            }
        };

        assertThat(Fields.of(new Event("a/b", Map.of("c", failing)), "t").leftOut())
                .isEqualTo(1);
    }
}
