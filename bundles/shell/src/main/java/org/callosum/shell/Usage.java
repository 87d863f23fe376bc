// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.callosum.api.Printable;

/** How each command is written. What is typed otherwise is an error that says what is wrong with it, the rule, and an example. */
enum Usage {
    APP("[--json] <name>", "observer"),
    APPS("[--json] [<pattern>]", "obs"),
    BLAME("[--json]", ""),
    CLIENTS("[--closed] [--json]", "--closed"),
    DIAGNOSE("[--payloads] [<file>]", "/tmp/report.txt"),
    DISCONNECT("<number>", "12"),
    EXPLAIN("[--all] [--json] <tract> <event> [key=value ...]", "observe observed day=20260101"),
    HANDLER("[--json] <id or name>", "31"),
    HANDLERS("[--json] [<pattern>]", "observe"),
    HEALTH("[--json]", ""),
    INSTALL("<path or URL>", "greeter-1.0.0.jar"),
    LISTEN("[-t <tract>] [-e <event>] ['<filter>']", "-t observe '(service=camera)'"),
    PARKED("[--json]", ""),
    QUARANTINE("<id or name>", "31"),
    QUEUE("[--json]", ""),
    READY("[--wait <seconds>]", "--wait 10"),
    RELEASE("<id or name>", "31"),
    REMOVE("[--dry-run] <app>", "greeter"),
    REPLAY("[-n <number>] [-t <tract>] [-e <event>] [-f] [--json] ['<filter>']", "-n 50 -t observe '(service=camera)'"),
    RUNNING("[--json]", ""),
    SEND("<tract> <event> [key=value ...]", "notification show title=Hello"),
    STATUS("[--json]", ""),
    TOP("[-n <times>] [-i <time>]", "-n 3 -i 10s"),
    TRACE("[-t <time>] [--fields] [--json] <tract> <event> [<n>]", "-t 10s observe observed 3"),
    UPDATE("[--dry-run] <app> [<path or URL>]", "greeter greeter-1.1.0.jar");

    private final String words;
    private final String example;

    Usage(String words, String example) {
        this.words = words;
        this.example = example;
    }

    /** The usage of the command of this name. */
    static Usage of(String command) {
        return valueOf(command.toUpperCase(Locale.ROOT));
    }

    /**
     * The one word that may follow.
     *
     * @param typed what follows, without the options that the command knows
     * @throws IllegalArgumentException if there are more, or one that is none, or looks like an option
     */
    Optional<String> optional(CharSequence... typed) {
        return words(1, typed).stream().findFirst();
    }

    /**
     * The one word that has to follow, as {@link #optional}.
     *
     * @param what what it is, for the error
     * @throws IllegalArgumentException if it is missing, too
     */
    String required(String what, CharSequence... typed) {
        return optional(typed).orElseThrow(() -> missing(what));
    }

    /**
     * The words that may follow.
     *
     * @throws IllegalArgumentException if there are more, or one that is none, or looks like an option
     */
    List<String> words(int most, CharSequence... typed) {
        List<String> words = all(typed);
        for (String word : words) {
            if (word.startsWith("-") && word.length() > 1) {
                throw error("There is no option " + Printable.quoted(word) + " here");
            }
        }
        if (words.size() > most) {
            throw error("Too many words (a '*' that is meant as such has to be in quotes)");
        }
        return words;
    }

    /**
     * All that follows, as words.
     *
     * @throws IllegalArgumentException if one is none
     */
    List<String> all(CharSequence... typed) {
        List<String> words = new ArrayList<>();
        for (CharSequence each : typed) {
            if (each == null) {
                throw unset();
            }
            words.add(each.toString());
        }
        return words;
    }

    /** A word is nothing at all. */
    IllegalArgumentException unset() {
        return error("A word is the value of a variable that is not set");
    }

    /** Something is missing. */
    IllegalArgumentException missing(String what) {
        return error("No " + what + " is given");
    }

    /** These words, or that there are none, fit in no way. */
    IllegalArgumentException misfit(List<String> typed) {
        if (typed.isEmpty()) {
            return error("Something is missing");
        }
        String last = String.valueOf(typed.get(typed.size() - 1));
        return error(
                last.startsWith("-")
                        ? Printable.quoted(last) + " lacks its value, or means nothing here"
                        : Printable.quoted(String.join(" ", typed)) + " is not understood here");
    }

    /** What is wrong, as a sentence without its end. */
    IllegalArgumentException error(String what) {
        String name = name().toLowerCase(Locale.ROOT);
        return new IllegalArgumentException(what + ". Write: " + name + " " + words
                + (example.isEmpty() ? "" : ", as in: " + name + " " + example));
    }
}
