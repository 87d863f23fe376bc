// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.callosum.api.Message;
import org.callosum.core.Subscription;
import org.callosum.core.dispatch.Registration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class RegistrationsTest {
    @Test
    void aNameIsAStringAnArrayOrACollection() {
        for (Object tract : new Object[] {"a", new String[] {"a"}, List.of("a"), Set.of("a")}) {
            assertThat(read(tract, "b").subscriptions()).containsExactly(new Subscription("a", "b"));
        }
    }

    @Test
    void severalValuesMeanEveryCombinationOnce() {
        assertThat(read(new String[] {"a", "*", "a"}, List.of("x", "y")).subscriptions())
                .containsExactly(
                        new Subscription("a", "x"),
                        new Subscription("a", "y"),
                        new Subscription("*", "x"),
                        new Subscription("*", "y"));
    }

    @Test
    void theRankingCountsIfItIsAnInteger() {
        assertThat(read("a", "b", 7).ranking()).isEqualTo(7);
        assertThat(read("a", "b", 7L).ranking()).isZero();
        assertThat(read("a", "b").ranking()).isZero();
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of(null, "b", "'tract' of service 42 (test 1.0.0) is missing"),
                Arguments.of("a", null, "'event' of service 42 (test 1.0.0) is missing"),
                Arguments.of("", "b", "'tract' of service 42 (test 1.0.0) is empty"),
                Arguments.of(new String[0], "b", "'tract' of service 42 (test 1.0.0) has no value"),
                Arguments.of(List.of("a", ""), "b", "'tract' of service 42 (test 1.0.0) is empty"),
                Arguments.of(5, "b", "'tract' of service 42 (test 1.0.0) is a java.lang.Integer"),
                Arguments.of(new int[] {1}, "b", "'tract' of service 42 (test 1.0.0) is a int[]"),
                Arguments.of(List.of("a", 5), "b", "'tract' of service 42 (test 1.0.0) holds a java.lang.Integer"),
                Arguments.of(Arrays.asList("a", null), "b", "'tract' of service 42 (test 1.0.0) holds null"));
    }

    @ParameterizedTest
    @MethodSource
    void malformed(Object tract, Object event, String problem) {
        Registration registration = read(tract, event);

        assertThat(registration.subscriptions()).isEmpty();
        assertThat(registration.problem())
                .isEqualTo("Service property " + problem
                        + ": give a name, or '*' for all, as a String, a String[] or a Collection of String");
    }

    @Test
    void aHandlerWithoutAFilterWantsAllAndWithoutATimeoutAsksForNothing() {
        assertThat(read("a", "b").filter()).isEmpty();
        assertThat(read("a", "b").timeout()).isEmpty();
    }

    @Test
    void aFilterIsReadOnceWithTheRegistration() {
        Registration registration = with("event.filter", "(service=camera)");

        assertThat(registration.problem()).isEmpty();
        assertThat(registration.filter()).hasValueSatisfying(filter -> {
            assertThat(filter.text()).isEqualTo("(service=camera)");
            assertThat(filter.test()).accepts(Message.of("a", "b", Map.of("service", "camera")));
            assertThat(filter.test()).rejects(Message.of("a", "b", Map.of("service", "microphone")));
        });
    }

    static Stream<Arguments> malformedFilters() {
        return Stream.of(
                Arguments.of("(service=camera", "is '(service=camera', which is no filter (Filter ended abruptly)"),
                Arguments.of("service=camera", "is 'service=camera', which is no filter (Missing '(')"),
                Arguments.of("", "is '', which is no filter (Filter ended abruptly)"),
                Arguments.of(
                        "(a=1)\u001b[2J",
                        "is '(a=1)\\u001b[2J', which is no filter (Extraneous trailing characters: \\u001b[2J)"),
                Arguments.of(
                        "(a=" + "x".repeat(1000),
                        "is '(a=" + "x".repeat(96) + "…', which is no filter (Filter ended abruptly)"),
                Arguments.of(
                        "(!".repeat(101) + "(a=1)" + ")".repeat(101),
                        "is '" + "(!".repeat(49) + "(…', which is no filter (nested deeper than 100)"),
                Arguments.of(new String[] {"(a=1)"}, "is a java.lang.String[]"),
                Arguments.of(5, "is a java.lang.Integer"));
    }

    @ParameterizedTest
    @MethodSource
    void malformedFilters(Object filter, String problem) {
        Registration registration = with("event.filter", filter);

        assertThat(registration.subscriptions()).as("nothing of it is called").isEmpty();
        assertThat(registration.problem())
                .isEqualTo("Service property 'event.filter' of service 42 (test 1.0.0) " + problem
                        + ": give a filter over the message's fields in the form of RFC 1960, such as '(service=camera)',"
                        + " as a String");
    }

    static Stream<Arguments> timeouts() {
        return Stream.of(
                Arguments.of("PT5S", Duration.ofSeconds(5)),
                Arguments.of("pt0.25s", Duration.ofMillis(250)),
                Arguments.of("PT1H", Duration.ofHours(1)),
                Arguments.of(" 1500 ", Duration.ofMillis(1500)),
                Arguments.of("1", Duration.ofMillis(1)),
                Arguments.of(1500L, Duration.ofMillis(1500)),
                Arguments.of(1500, Duration.ofMillis(1500)),
                Arguments.of((short) 1500, Duration.ofMillis(1500)),
                Arguments.of((byte) 5, Duration.ofMillis(5)));
    }

    @ParameterizedTest
    @MethodSource
    void timeouts(Object value, Duration expected) {
        Registration registration = with("timeout", value);

        assertThat(registration.problem()).isEmpty();
        assertThat(registration.timeout()).contains(expected);
    }

    static Stream<Arguments> malformedTimeouts() {
        return Stream.of(
                Arguments.of("5s", "is '5s', which is no time"),
                Arguments.of("", "is '', which is no time"),
                Arguments.of("PT", "is 'PT', which is no time"),
                Arguments.of("1.5", "is '1.5', which is no time"),
                Arguments.of("99999999999999999999", "is '99999999999999999999', which is no time"),
                Arguments.of("0", "is '0', which is out of range: 1 ms to 1 h"),
                Arguments.of("PT0S", "is 'PT0S', which is out of range: 1 ms to 1 h"),
                Arguments.of("PT0.0009S", "is 'PT0.0009S', which is out of range: 1 ms to 1 h"),
                Arguments.of("PT-5S", "is 'PT-5S', which is out of range: 1 ms to 1 h"),
                Arguments.of(-1, "is '-1', which is out of range: 1 ms to 1 h"),
                Arguments.of(0L, "is '0', which is out of range: 1 ms to 1 h"),
                Arguments.of("PT1H0.001S", "is 'PT1H0.001S', which is out of range: 1 ms to 1 h"),
                Arguments.of(Long.MAX_VALUE, "is '9223372036854775807', which is out of range: 1 ms to 1 h"),
                Arguments.of(1.5, "is a java.lang.Double"),
                Arguments.of(Duration.ofSeconds(5), "is a java.time.Duration"));
    }

    @ParameterizedTest
    @MethodSource
    void malformedTimeouts(Object value, String problem) {
        Registration registration = with("timeout", value);

        assertThat(registration.subscriptions()).as("nothing of it is called").isEmpty();
        assertThat(registration.problem())
                .isEqualTo("Service property 'timeout' of service 42 (test 1.0.0) " + problem
                        + ": give a duration, such as 'PT5S', or milliseconds, as a String,"
                        + " or milliseconds as a Long or an Integer");
    }

    private static Registration with(String property, Object value) {
        return Registrations.read("service 42 (test 1.0.0)", Map.of("tract", "a", "event", "b", property, value)::get);
    }

    private static Registration read(Object tract, Object event) {
        return read(tract, event, null);
    }

    private static Registration read(Object tract, Object event, Object ranking) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("tract", tract);
        properties.put("event", event);
        properties.put("service.ranking", ranking);
        return Registrations.read("service 42 (test 1.0.0)", properties::get);
    }
}
