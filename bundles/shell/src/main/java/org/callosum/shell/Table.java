// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Text in aligned columns, two blanks apart, no wider than the screen as far as that is possible. Its cells have to be fit for a
 * terminal already.
 *
 * <p>What is too wide loses its lesser columns, the last one first, and then the ends of its longest texts, with a '…' in their
 * place. A number is never cut, and a sentence goes on in the next line.
 */
final class Table {
    private static final String GAP = "  ";

    /** What a text keeps of itself before a lesser column goes, and at least. */
    private static final int FAIR_TEXT = 20;

    private static final int MIN_TEXT = 10;

    private static final int MIN_SENTENCE = 24;

    private final List<Column> columns;
    private final List<List<Cell>> rows = new ArrayList<>();

    /**
     * One column.
     *
     * @param heading what stands over it
     * @param kind how its cells are fitted in
     * @param isLesser whether it is left out where it finds no room
     */
    record Column(String heading, Kind kind, boolean isLesser) {
        private enum Kind {
            TEXT,
            WORD,
            NUMBER,
            SENTENCE
        }

        /** Names and the like, whose ends are cut off where they find no room. */
        static Column text(String heading) {
            return new Column(heading, Kind.TEXT, false);
        }

        /** What is of no use if it is not whole, and is never cut. */
        static Column word(String heading) {
            return new Column(heading, Kind.WORD, false);
        }

        /** Numbers, with or without units, which end at one line and are never cut. */
        static Column number(String heading) {
            return new Column(heading, Kind.NUMBER, false);
        }

        /** Sentences, which go on in the next line where they find no room. */
        static Column sentence(String heading) {
            return new Column(heading, Kind.SENTENCE, false);
        }

        /** The same, left out where it finds no room. */
        Column lesser() {
            return new Column(heading, kind, true);
        }

        private boolean isNumber() {
            return kind == Kind.NUMBER;
        }
    }

    /**
     * One cell; whatever is not made with {@link Urgency#cell} is of none.
     *
     * @param text what it says
     * @param urgency its colour
     */
    record Cell(String text, Urgency urgency) {}

    Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /** Adds a row: for each column a {@link Cell}, or something that is written as its text. */
    Table row(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(Arrays.stream(cells)
                .map(cell -> cell instanceof Cell made ? made : Urgency.NONE.cell(cell))
                .toList());
        return this;
    }

    /** The whole table without colours. */
    @Override
    public String toString() {
        return text(Screen.PLAIN);
    }

    /** The headings, unless all are empty, and the rows; each line ends with a line break. */
    String text(Screen screen) {
        List<List<Cell>> lines = new ArrayList<>();
        if (columns.stream().anyMatch(column -> !column.heading().isEmpty())) {
            lines.add(columns.stream()
                    .map(column -> Urgency.NONE.cell(column.heading()))
                    .toList());
        }
        lines.addAll(rows);
        int[] natural = natural(lines);
        List<Integer> shown = shown(natural, screen.width());
        int[] widths = fit(natural, shown, screen.width());
        StringBuilder text = new StringBuilder();
        for (List<Cell> line : lines) {
            for (List<Cell> part : parts(line, shown, widths)) {
                text.append(line(part, shown, widths, screen)).append('\n');
            }
        }
        return text + leftOut(shown, screen.width());
    }

    private int[] natural(List<List<Cell>> lines) {
        return IntStream.range(0, columns.size())
                .map(i -> lines.stream()
                        .mapToInt(line -> width(line.get(i).text()))
                        .max()
                        .orElse(0))
                .toArray();
    }

    /** The columns that find room beside the texts, cut as far as is fair. */
    private List<Integer> shown(int[] natural, int width) {
        List<Integer> shown =
                IntStream.range(0, columns.size()).boxed().collect(Collectors.toCollection(ArrayList::new));
        for (int i = columns.size() - 1; i >= 0; i--) {
            long least = gaps(shown)
                    + shown.stream()
                            .mapToLong(column -> least(column, natural, FAIR_TEXT))
                            .sum();
            if (least > width && columns.get(i).isLesser()) {
                shown.remove(Integer.valueOf(i));
            }
        }
        return shown;
    }

    private int least(int i, int[] natural, int leastText) {
        int least =
                switch (columns.get(i).kind()) {
                    case WORD, NUMBER -> natural[i];
                    case TEXT -> leastText;
                    case SENTENCE -> MIN_SENTENCE;
                };
        return Math.min(natural[i], Math.max(least, width(columns.get(i).heading())));
    }

    /** Takes from the widest texts what is too much. */
    private int[] fit(int[] natural, List<Integer> shown, int width) {
        int[] widths = natural.clone();
        long tooMuch = gaps(shown) + shown.stream().mapToLong(i -> widths[i]).sum() - width;
        List<Integer> cuttable = shown.stream()
                .filter(i -> widths[i] > least(i, natural, MIN_TEXT))
                .collect(Collectors.toList());
        while (tooMuch > 0 && !cuttable.isEmpty()) {
            int widest = Collections.max(cuttable, (a, b) -> Integer.compare(widths[a], widths[b]));
            widths[widest]--;
            tooMuch--;
            if (widths[widest] == least(widest, natural, MIN_TEXT)) {
                cuttable.remove(Integer.valueOf(widest));
            }
        }
        return widths;
    }

    private static long gaps(List<Integer> shown) {
        return (long) GAP.length() * Math.max(0, shown.size() - 1);
    }

    /** A row as the lines that it takes: more than one if a sentence goes on. */
    private List<List<Cell>> parts(List<Cell> row, List<Integer> shown, int[] widths) {
        List<List<Cell>> parts = new ArrayList<>();
        for (int i : shown) {
            List<String> texts = columns.get(i).kind() == Column.Kind.SENTENCE
                    ? broken(row.get(i).text(), widths[i])
                    : List.of(row.get(i).text());
            while (parts.size() < texts.size()) {
                parts.add(new ArrayList<>(Collections.nCopies(columns.size(), Urgency.NONE.cell(""))));
            }
            for (int part = 0; part < texts.size(); part++) {
                parts.get(part).set(i, row.get(i).urgency().cell(texts.get(part)));
            }
        }
        return parts;
    }

    /** A text in lines, broken at blanks as far as there are some. */
    private static List<String> broken(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (width(rest) > width) {
            int end = rest.offsetByCodePoints(0, width);
            int blank = rest.lastIndexOf(' ', end);
            lines.add(rest.substring(0, blank > 0 ? blank : end));
            rest = rest.substring(blank > 0 ? blank + 1 : end);
        }
        lines.add(rest);
        return lines;
    }

    private String line(List<Cell> cells, List<Integer> shown, int[] widths, Screen screen) {
        StringBuilder line = new StringBuilder();
        String due = ""; // blanks, unless nothing follows
        for (int i : shown) {
            Cell cell = cells.get(i);
            String text = cut(cell.text(), widths[i]);
            String blanks = " ".repeat(widths[i] - width(text));
            boolean isNumber = columns.get(i).isNumber();
            if (!text.isEmpty()) {
                line.append(due).append(isNumber ? blanks : "").append(screen.paint(cell.urgency(), text));
                due = isNumber ? GAP : blanks + GAP;
            } else {
                due += blanks + GAP;
            }
        }
        return line.toString();
    }

    private static String cut(String text, int width) {
        return width(text) <= width ? text : text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
    }

    private String leftOut(List<Integer> shown, int width) {
        if (shown.size() == columns.size()) {
            return "";
        }
        String names = IntStream.range(0, columns.size())
                .filter(i -> !shown.contains(i))
                .mapToObj(i -> columns.get(i).heading())
                .collect(Collectors.joining(", "));
        return String.join("\n", broken("(no room for " + names + ")", width)) + "\n";
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
