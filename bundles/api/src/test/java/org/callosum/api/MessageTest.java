// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MessageTest {
    private final Message message = Message.parse(
            """
            {"tract":"observe","event":"observed","ts":1767225600000,"text":"a","whole":7,"one":1.0,"half":0.5,
             "big":12345678901234567890,"huge":1e400,"exact":3.14159265358979323846,"not":NaN,"max":9223372036854775807,
             "power":18446744073709551616,"vast":1e999999999,
             "yes":true,"nothing":null,"list":[1,null,{"a":null}],"nested":{"tract":"inner","n":1}}
            """);

    @Test
    void tractEventAndTimeStampHaveMethods() {
        assertThat(message.tract()).isEqualTo("observe");
        assertThat(message.event()).isEqualTo("observed");
        assertThat(message.ts()).hasValue(1767225600000L);
    }

    @Test
    void missingTractAndEventAreEmpty() {
        Message empty = Message.parse("{\"event\":5,\"ts\":\"now\"}");

        assertThat(empty.tract()).isEmpty();
        assertThat(empty.event()).isEmpty();
        assertThat(empty.ts()).isEmpty();
    }

    @Test
    void aGetterIsEmptyForAnyOtherType() {
        assertThat(message.string("text")).hasValue("a");
        assertThat(message.bool("yes")).hasValue(true);
        for (String name : List.of("whole", "nothing", "missing", "list", "nested", "yes")) {
            assertThat(message.string(name)).as(name).isEmpty();
        }
        for (String name : List.of("text", "nothing", "missing", "list", "nested", "yes")) {
            assertThat(message.longNumber(name)).as(name).isEmpty();
            assertThat(message.doubleNumber(name)).as(name).isEmpty();
            assertThat(message.decimalNumber(name)).as(name).isEmpty();
        }
        for (String name : List.of("text", "nothing", "missing", "whole")) {
            assertThat(message.bool(name)).as(name).isEmpty();
            assertThat(message.list(name)).as(name).isEmpty();
            assertThat(message.message(name)).as(name).isEmpty();
        }
    }

    @Test
    void aNumberIsALongWhereNothingIsLost() {
        assertThat(message.longNumber("whole")).hasValue(7L);
        assertThat(message.longNumber("one")).hasValue(1L);
        assertThat(message.longNumber("max")).hasValue(Long.MAX_VALUE);
        for (String name : List.of("half", "big", "huge", "exact", "not", "vast")) {
            assertThat(message.longNumber(name)).as(name).isEmpty();
        }
    }

    @Test
    void aNumberIsADoubleWhereNothingIsLost() {
        assertThat(message.doubleNumber("half")).hasValue(0.5);
        assertThat(message.doubleNumber("whole")).hasValue(7.0);
        assertThat(message.doubleNumber("power")).hasValue(18446744073709551616.0);
        assertThat(message.doubleNumber("not")).hasValue(Double.NaN);
        for (String name : List.of("big", "huge", "exact", "max")) {
            assertThat(message.doubleNumber(name)).as(name).isEmpty();
        }
    }

    @Test
    void aNumberIsADecimalWithAllItsDigits() {
        assertThat(message.decimalNumber("whole")).hasValue(BigDecimal.valueOf(7));
        assertThat(message.decimalNumber("half")).hasValue(new BigDecimal("0.5"));
        assertThat(message.decimalNumber("big")).hasValue(new BigDecimal("12345678901234567890"));
        assertThat(message.decimalNumber("huge")).hasValue(new BigDecimal("1e400"));
        assertThat(message.decimalNumber("exact")).hasValue(new BigDecimal("3.14159265358979323846"));
        assertThat(message.decimalNumber("not")).isEmpty();
    }

    @Test
    void listsAndNestedMessagesKeepTheirNulls() {
        List<Object> list = message.list("list").orElseThrow();
        assertThat(list).hasSize(3).element(1).isNull();
        assertThat(message.message("nested").flatMap(nested -> nested.longNumber("n")))
                .isEqualTo(Optional.of(1L));
        assertThat(message.message("nested").orElseThrow().tract()).isEqualTo("inner");
        assertThat(message.toMap()).containsEntry("nothing", null);
    }

    @Test
    void theMapHasEverythingInItsTypes() {
        assertThat(message.toMap())
                .containsEntry("whole", 7L)
                .containsEntry("one", 1.0)
                .containsEntry("big", new BigInteger("12345678901234567890"))
                .containsEntry("huge", new BigDecimal("1e400"))
                .containsEntry("not", Double.NaN);
        assertThatThrownBy(() -> message.toMap().put("a", 1)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aFrameGivesItsOwnTextBack() {
        String frame =
                "{ \"tract\": \"a\", \"event\": \"b\", \"n\": 1.0, \"x\": 1e400, \"n\": 2.50, \"s\": \"\\ud800\\u0041\" }";

        Message framed = Message.ofFrame("a", "b", frame.getBytes(UTF_8));

        assertThat(framed.toJson()).isEqualTo(frame);
        assertThat(framed.doubleNumber("n")).hasValue(2.5);
        assertThat(framed.string("s")).hasValue("\ud800A");
        assertThat(framed.toJson()).as("after it was decoded").isEqualTo(frame);
    }

    @Test
    void theBytesAreReadOnly() {
        assertThatThrownBy(() -> message.toUtf8().put((byte) 0)).isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void aMadeMessageBeginsWithItsTractAndEvent() {
        assertThat(Message.of("a", "b", Map.of("n", 1)).toJson())
                .isEqualTo("{\"tract\":\"a\",\"event\":\"b\",\"n\":1}");
    }

    @Test
    void aMadeMessageIsACopy() {
        List<Object> list = new ArrayList<>(Arrays.asList(1, null));
        Map<String, Object> fields = new HashMap<>(Map.of("list", list));
        Message made = Message.of("a", "b", fields);
        list.clear();
        fields.clear();

        assertThat(made.list("list")).hasValue(Arrays.asList(1L, null));
    }

    @Test
    void tractAndEventAreNotGivenTwice() {
        assertThatThrownBy(() -> Message.of("a", "b", Map.of("event", "c")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Field 'event' is given twice: as an argument and in the map");
    }

    @Test
    void messagesAreEqualByTheirFields() {
        assertThat(Message.parse("{\"event\":\"b\",\"tract\":\"a\",\"n\":1}"))
                .isEqualTo(Message.of("a", "b", Map.of("n", 1)))
                .hasSameHashCodeAs(Message.of("a", "b", Map.of("n", 1)))
                .isNotEqualTo(Message.of("a", "b", Map.of("n", 2)));
    }

    @Test
    void itsTextForALogIsOneShortLine() {
        assertThat(Message.of("a\nb", "\u202ec\u001b[31m", Map.of("secret", "x")))
                .hasToString("a\\u000ab/\\u202ec\\u001b[31m");
        assertThat(Message.of("x".repeat(200), "e", Map.of()).toString()).isEqualTo("x".repeat(99) + "…/e");
        assertThat(Message.of("observe\n", "observed", Map.of("day", 1)).keyValues())
                .hasToString(" [tract=observe\\u000a event=observed]");
    }
}
