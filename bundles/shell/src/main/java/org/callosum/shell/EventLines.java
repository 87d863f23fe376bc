// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.PrintStream;

import org.callosum.api.Printable;

/** What {@code listen} and {@code replay} have in common: events are chosen in the same way, and printed as a line each. */
final class EventLines {
    static final String TRACT = "-t";
    static final String TRACT_WORD = "--tract";
    static final String TRACT_HELP = "only this tract; default '*', all";

    static final String EVENT = "-e";
    static final String EVENT_WORD = "--event";
    static final String EVENT_HELP = "only this event; default '*', all";

    /** Every tract, or every event. */
    static final String ANY = "*";

    static final String FILTER_HELP =
            "only those whose fields it matches, such as '(&(service=camera)(level>=3))', in quotes";

    /** What is done to a line, for a command's help. */
    static final String LINE_HELP = " Control characters are shown as \\uXXXX, lines are cut at 10,000 characters.";

    private static final int MAX_CHARACTERS = 10_000;

    private EventLines() {}

    /** A message's JSON as it is shown. */
    static String shown(String json) {
        return Printable.of(json, MAX_CHARACTERS);
    }

    /** That a filter is none. */
    static IllegalArgumentException noFilter(String text, Exception why) {
        return new IllegalArgumentException(
                Printable.quoted(text)
                        + " is no filter: write one over the fields, such as '(service=camera)', in quotes",
                why);
    }

    /**
     * Brings what was printed to who reads it.
     *
     * @param out where it was printed to: the screen, or the next command of the pipe
     * @param screen what may hold back what is printed, as Karaf's does: a flush of {@code out} does not get down to it
     * @return whether it got there: not if the session is gone, or the next command of the pipe
     */
    static boolean reach(PrintStream out, PrintStream screen) {
        boolean isThere = !out.checkError();
        screen.flush();
        return isThere;
    }
}
