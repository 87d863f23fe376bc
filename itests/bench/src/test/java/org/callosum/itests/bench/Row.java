// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.List;

/**
 * One line of the results: what is measured of {@link Delivery}.
 *
 * @param section what it is there to show
 * @param method the benchmark's method
 */
record Row(Section section, String method, Way.Kind way, int matching, int idle, Work work) {
    /** What is shown. */
    enum Section {
        ONE("One handler that does nothing, events one behind the other"),
        FOUR("Four such handlers"),
        SIXTEEN("Sixteen such handlers"),
        IDLE("One handler, and many that listen to something else"),
        COMPUTING("Four handlers that compute for 10 µs each"),
        WAITING("Four handlers that wait for 1 ms each"),
        FAILING("One handler that throws at each event, and one that does nothing"),
        LATENCY("One event, from the thread that hands it over to one handler that does nothing, and back");

        final String title;

        Section(String title) {
            this.title = title;
        }

        boolean isLatency() {
            return this == LATENCY;
        }
    }

    private static final int FEW = 10;

    private static final List<Way.Kind> MAIN = List.of(
            Way.Kind.CALLOSUM, Way.Kind.FELIX_TIMED_SEND, Way.Kind.FELIX_SEND, Way.Kind.EQUINOX_SEND, Way.Kind.POOL);

    /** The rows of a section, in the order in which they are measured and shown. */
    static List<Row> of(Section section) {
        List<Way.Kind> all = List.of(Way.Kind.values());
        return switch (section) {
            case ONE -> rows(section, "flood", all, 1, Work.NONE);
            case FOUR -> rows(section, "flood", all, 4, Work.NONE);
            case SIXTEEN -> rows(section, "flood", MAIN, 16, Work.NONE);
            case IDLE ->
                List.of(
                        new Row(section, "flood", Way.Kind.CALLOSUM, 1, FEW, Work.NONE),
                        new Row(section, "flood", Way.Kind.CALLOSUM, 1, 1_000, Work.NONE),
                        new Row(section, "flood", Way.Kind.CALLOSUM, 1, 10_000, Work.NONE),
                        new Row(section, "flood", Way.Kind.FELIX_TIMED_SEND, 1, 10_000, Work.NONE),
                        new Row(section, "flood", Way.Kind.FELIX_SEND, 1, 10_000, Work.NONE));
            case COMPUTING -> rows(section, "flood", MAIN, 4, Work.SPIN_10_MICROS);
            case WAITING -> rows(section, "trickle", MAIN, 4, Work.WAIT_1_MILLI);
            case FAILING ->
                List.of(
                        new Row(section, "flood", Way.Kind.CALLOSUM, 1, FEW, Work.FAIL),
                        new Row(section, "flood", Way.Kind.CALLOSUM, 1, FEW, Work.NONE));
            case LATENCY -> rows(section, "one", all, 1, Work.NONE);
        };
    }

    private static List<Row> rows(Section section, String method, List<Way.Kind> ways, int matching, Work work) {
        return ways.stream()
                .map(way -> new Row(section, method, way, matching, FEW, work))
                .toList();
    }

    /** What it is called in its section. */
    String label() {
        return switch (section) {
            case IDLE -> String.format("%s, %,d idle", way.label, idle);
            case FAILING -> way.label + (work == Work.FAIL ? ", throws" : ", does not");
            default -> way.label;
        };
    }
}
