// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.List;

/** Text in aligned columns, two blanks apart. Its cells have to be fit for a terminal already. */
final class Table {
    private static final String GAP = "  ";

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * One column.
     *
     * @param heading what stands over it
     * @param isRight whether its cells end at one line, as numbers do
     */
    record Column(String heading, boolean isRight) {
        static Column text(String heading) {
            return new Column(heading, false);
        }

        static Column number(String heading) {
            return new Column(heading, true);
        }
    }

    Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /** Adds a row: a cell for each column, written as its text. */
    Table row(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(String.valueOf(cell));
        }
        rows.add(row);
        return this;
    }

    /** The headings, unless all are empty, and the rows; each line ends with a line break. */
    @Override
    public String toString() {
        List<List<String>> lines = new ArrayList<>();
        if (columns.stream().anyMatch(column -> !column.heading().isEmpty())) {
            lines.add(columns.stream().map(Column::heading).toList());
        }
        lines.addAll(rows);
        int[] widths = widths(lines);
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            text.append(line(line, widths).stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int[] widths(List<List<String>> lines) {
        int[] widths = new int[columns.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(line.get(i)));
            }
        }
        return widths;
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            String blanks = " ".repeat(widths[i] - width(cell));
            line.append(columns.get(i).isRight() ? blanks + cell : cell + blanks)
                    .append(GAP);
        }
        return line.toString();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
