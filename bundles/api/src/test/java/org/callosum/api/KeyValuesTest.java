// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KeyValuesTest {
    @Test
    void theyStandBehindASentenceInTheirOrder() {
        assertThat("It is full" + KeyValues.of("app", "observer").and("backlog_bytes", 12))
                .isEqualTo("It is full [app=observer backlog_bytes=12]");
    }

    @Test
    void whatIsNotThereIsLeftOut() {
        assertThat(KeyValues.of("pid", null).and("user", Optional.empty())).hasToString("");
        assertThat(KeyValues.of("pid", Optional.of(7)).and("user", null)).hasToString(" [pid=7]");
    }

    @Test
    void thoseOfTwoMakersStandInOnePair() {
        assertThat(KeyValues.of("client", 3).and(KeyValues.of("user", "root")).and(KeyValues.of("pid", null)))
                .hasToString(" [client=3 user=root]");
    }

    @Test
    void aValueThatCouldBeTakenForMoreStandsInQuotes() {
        assertThat(KeyValues.of("a", "two words").and("b", "").and("c", "x=1").and("d", "[y]"))
                .hasToString(" [a=\"two words\" b=\"\" c=\"x=1\" d=\"[y]\"]");
        assertThat(KeyValues.of("a", "say \"no\" \\").pairs()).isEqualTo("a=\"say \\\"no\\\" \\\\\"");
    }

    @Test
    void aValueFromTheBusNeitherBreaksTheLineNorFillsIt() {
        assertThat(KeyValues.of("tract", "a\nb\u001b[2J" + "x".repeat(10_000)).toString())
                .startsWith(" [tract=")
                .doesNotContain("\n", "\u001b")
                .hasSizeLessThan(230);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Backlog", "back log", "back=log", "back-log", "ä"})
    void aKeyIsANameThatEveryToolTakes(String key) {
        assertThatThrownBy(() -> KeyValues.of(key, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Printable.quoted(key));
    }
}
