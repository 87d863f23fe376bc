// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class NamesTest {
    /** No kind of name takes any of these. */
    static Stream<String> hostile() {
        return Stream.of(
                "",
                " ",
                ".",
                "..",
                "/",
                "../../etc",
                "/etc/passwd",
                "20260101/..",
                "20260101/",
                "..\\x",
                "20260101\u0000",
                "20260101\n",
                "\n20260101",
                "120000_300\n",
                "120000_300/../x",
                "~",
                "-rf",
                "_a",
                ".hidden",
                "A",
                "ä",
                "a b",
                "٢٠٢٦٠١٠١", // digits, but not these
                "２０２６０１０１",
                "1".repeat(100_000) + "_");
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void noKindOfNameTakesWhatCouldLeadElsewhere(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> Day.of(name));
        assertThatIllegalArgumentException().isThrownBy(() -> Segment.of(name));
        if (!name.startsWith("1")) {
            assertThatIllegalArgumentException().isThrownBy(() -> org.callosum.journal.Stream.of(name));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"20260101", "19991231", "00000000", "20261399"})
    void aDayIsEightDigits(String name) {
        assertThat(Day.of(name)).isEqualTo(new Day(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026010", "202601011", "2026-01-01", "2026010a", "20260101_1"})
    void nothingElseIsADay(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Day.of(name))
                .withMessage("Field 'day' is '" + name + "': it is YYYYMMDD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"120000_300", "000000_0", "235959_86400", "996099_999999999"})
    void aSegmentIsSixDigitsAndItsSeconds(String name) {
        assertThat(Segment.of(name)).isEqualTo(new Segment(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"120000", "120000_", "12000_300", "1200000_300", "120000-300", "120000_3s", "120000_-3"})
    void nothingElseIsASegment(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Segment.of(name))
                .withMessage("Field 'segment' is '" + name + "': it is HHMMSS_<seconds>");
    }

    @Test
    void theSecondsOfASegmentHaveNineDigitsAtMost() {
        assertThatIllegalArgumentException().isThrownBy(() -> Segment.of("120000_" + "1".repeat(10)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "default", "mic-2.left_x", "a..b", "a."})
    void aStreamIsLowerCaseLettersDigitsDotsDashesAndUnderscores(String name) {
        assertThat(org.callosum.journal.Stream.of(name)).hasToString(name);
    }

    @Test
    void aStreamIsAsLongAsAFolderNameCanBe() {
        assertThat(org.callosum.journal.Stream.of("a".repeat(255)).name()).hasSize(255);
        assertThatIllegalArgumentException().isThrownBy(() -> org.callosum.journal.Stream.of("a".repeat(256)));
    }

    @Test
    void theDigitsOfANameMayComeAsANumber() {
        assertThat(Day.of(20260101L)).isEqualTo(new Day("20260101"));
        assertThat(org.callosum.journal.Stream.of(7L).name()).isEqualTo("7");
        for (long number : new long[] {-20260101L, 2026010L, 0}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Day.of(number));
        }
    }

    @Test
    void aFieldThatIsNoStringIsNoName() {
        for (Object field : new Object[] {20260101.0, true, List.of("20260101")}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Day.of(field))
                    .withMessage("Field 'day' is not a string: it is YYYYMMDD");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Day.of(null));
    }

    @Test
    void theErrorQuotesAHostileNameShortAndEscaped() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Day.of("x\n\u202e" + "y".repeat(1_000)))
                .satisfies(e -> assertThat(e.getMessage())
                        .startsWith("Field 'day' is 'x\\u000a\\u202eyyy")
                        .endsWith("…': it is YYYYMMDD")
                        .hasSizeLessThan(150));
    }
}
