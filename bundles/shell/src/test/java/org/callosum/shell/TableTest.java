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
}
