// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.OptionalInt;
import java.util.function.Supplier;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Process;
import org.callosum.api.Json;

/**
 * Where a command prints: how wide that is, and whether somebody looks at it. Felix's shell and Karaf's alike keep their
 * terminal's type and width in the session's variables {@code TERM} and {@code COLUMNS}; no class of a terminal is needed.
 * Immutable.
 *
 * @param width how many characters fit into a line; {@link #UNLIMITED} where nothing has to
 * @param isTerminal whether it is a terminal: colours are shown there, and JSON is indented
 */
record Screen(int width, boolean isTerminal) {
    /** As wide as anything may be. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    /** A file, or the next command of a pipe: whole lines, no colours. */
    static final Screen PLAIN = new Screen(UNLIMITED, false);

    private static final int MIN_WIDTH = 20;
    private static final int INDENT = 2;

    /**
     * Where the command that asks prints to, which is {@code System.out}. What goes through a pipe or into a file is never cut;
     * in a session without a terminal the variable {@code COLUMNS} may set a width.
     *
     * @param session the command's; {@code null} for none
     */
    static Screen of(CommandSession session) {
        if (session == null || isRedirected()) {
            return PLAIN;
        }
        int width = columns(session.get("COLUMNS")).orElse(UNLIMITED);
        return new Screen(width, isTerminal(session.get("TERM")));
    }

    /** Whether what the command prints that asks goes into a pipe or a file. */
    static boolean isRedirected() {
        Process process = Process.Utils.current();
        return process != null && !process.isTty(1);
    }

    private static boolean isTerminal(Object type) {
        return type != null && !type.toString().isEmpty() && !type.toString().startsWith("dumb");
    }

    private static OptionalInt columns(Object value) {
        try {
            int columns = Integer.parseInt(String.valueOf(value).strip());
            return columns >= MIN_WIDTH ? OptionalInt.of(columns) : OptionalInt.empty(); // 0: nobody knows
        } catch (NumberFormatException notSet) {
            return OptionalInt.empty();
        }
    }

    /** Prints values as JSON if that is wanted, else the text that was made for it. */
    void show(boolean json, Supplier<Object> values, Supplier<String> text) {
        if (json) {
            printJson(values.get());
        } else {
            print(text.get());
        }
    }

    /** Prints text that was made for it, line breaks included. */
    void print(String text) {
        System.out.print(text);
    }

    /** Prints a value as JSON, on one line unless it is a terminal, where people read it. */
    void printJson(Object value) {
        System.out.println(isTerminal ? Json.write(value, INDENT) : Json.write(value));
    }

    /** Text in the colour of its urgency, if it is a terminal. */
    String paint(Urgency urgency, String text) {
        return isTerminal && urgency != Urgency.NONE ? "\u001b[" + urgency.colour() + "m" + text + "\u001b[m" : text;
    }
}
