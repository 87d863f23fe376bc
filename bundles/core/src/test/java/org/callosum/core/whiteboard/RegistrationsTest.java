// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

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
