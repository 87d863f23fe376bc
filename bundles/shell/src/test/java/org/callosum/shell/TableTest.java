// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import org.callosum.shell.Table.Column;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCellAndNumbersEndAtOneLine() {
        Table table = new Table(Column.text("NAME"), Column.number("N"), Column.text("WHAT"))
                .row("a", 1, "x")
                .row("longer", 1234, "")
                .row("", 12, "yy");

        assertThat(table)
                .hasToString(
                        """
                NAME       N  WHAT
                a          1  x
                longer  1234
                          12  yy
                """);
    }

    @Test
    void aTableWithoutHeadingsHasNoLineForThem() {
        assertThat(new Table(Column.text(""), Column.text(""))
                        .row("Queue", "empty")
                        .row("Up", "yes"))
                .hasToString(
                        """
                        Queue  empty
                        Up     yes
                        """);
    }

    @Test
    void aCharacterOutsideTheBasicPlaneIsOneColumnWide() {
        assertThat(new Table(Column.text("A"), Column.text("B"))
                        .row("𝄞𝄞", "x")
                        .row("abc", "y"))
                .hasToString(
                        """
                A    B
                𝄞𝄞   x
                abc  y
                """);
    }

    @Test
    void aRowHasACellForEachColumn() {
        assertThatThrownBy(() -> new Table(Column.text("A")).row("x", "y"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 cells for 1 columns");
    }

    @Test
    void whatIsTooWideLosesLesserColumnsAndThenTheEndsOfItsLongestTexts() {
        Table table = new Table(
                        Column.text("NAME"),
                        Column.number("N"),
                        Column.text("OF").lesser(),
                        Column.text("WHERE"))
                .row("a-name-that-is-long", 1_234_567, "lesser", "a-place-that-is-longer-still")
                .row("b", 1, "x", "c");

        assertThat(table.text(new Screen(60, false)))
                .isEqualTo(
                        """
                NAME                       N  OF      WHERE
                a-name-that-is-long  1234567  lesser  a-place-that-is-longe…
                b                          1  x       c
                """);
        assertThat(table.text(new Screen(36, false)))
                .isEqualTo(
                        """
                NAME                N  WHERE
                a-name-that…  1234567  a-place-that…
                b                   1  c
                (no room for OF)
                """);
        assertThat(table.text(new Screen(10, false)))
                .as("numbers are whole, texts can be told apart, however narrow it is")
                .contains("1234567", "a-name-th…");
    }

    @Test
    void aSentenceGoesOnInTheNextLineUnderItsBeginning() {
        assertThat(new Table(Column.text(""), Column.sentence(""))
                        .row("Bus", Urgency.ALARM.cell("server on /a/long/path/to/it, and it is up"))
                        .row("Up", "yes")
                        .text(new Screen(29, true)))
                .isEqualTo(
                        """
                Bus  \u001b[31mserver on\u001b[m
                     \u001b[31m/a/long/path/to/it, and\u001b[m
                     \u001b[31mit is up\u001b[m
                Up   yes
                """);
    }

    @Test
    void coloursTakeNoRoomAndAreOnATerminalOnly() {
        Table table = new Table(Column.text("A"), Column.text("B"))
                .row(Urgency.WARNING.cell("late"), "x")
                .row("on time", "y");

        assertThat(table.text(new Screen(80, true)))
                .isEqualTo(
                        """
                A        B
                \u001b[33mlate\u001b[m     x
                on time  y
                """);
        assertThat(table.text(Screen.PLAIN)).doesNotContain("\u001b").contains("late     x");
    }
}
