// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.function.Supplier;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;

/**
 * What a log entry looks like: {@code <time> <level> <logger>: <message>} in one line, at WARN and ERROR followed by the
 * stack trace. What is in a message cannot make it two lines. Immutable.
 */
final class LogLine {
    /** Longer messages are cut: a line about a frame must not be as long as the frame. */
    private static final int LONGEST_MESSAGE = 8_192;

    private static final String EVENTS = "Events.";
    private static final String LOG_SERVICE = "LogService.";
    private static final String BUNDLE_EXCEPTION = BundleException.class.getName();

    /** Felix keeps a copy of a failure under this name, so that it holds on to no bundle's classes. */
    private static final String WRAPPER = "org.apache.felix.log.LogException: ";

    private final Supplier<DateTimeFormatter> time;
    private final String apps;

    /** With the URI of the folder whose bundles somebody else reports on when they do not start, {@code null} if none. */
    LogLine(String apps) {
        this(apps, () -> Local.TIME);
    }

    LogLine(String apps, ZoneId zone) {
        this(apps, () -> time(zone));
    }

    private LogLine(String apps, Supplier<DateTimeFormatter> time) {
        this.apps = apps;
        this.time = time;
    }

    private static DateTimeFormatter time(ZoneId zone) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(zone);
    }

    /** Made with the first line, on the log's thread: to read the time zones takes the start of this bundle 15 ms. */
    private static final class Local {
        static final DateTimeFormatter TIME = time(ZoneId.systemDefault());
    }

    /** The line for this entry, without its end; empty if nobody needs it. */
    Optional<String> of(LogEntry entry) {
        return isWanted(entry) ? Optional.of(format(entry)) : Optional.empty();
    }

    /**
     * Every event of the framework comes as an entry, whatever the log levels are: only its errors are wanted here. And of
     * those not the ones about an app that did not start, which the deployer reports with the cause and the remedy.
     */
    private boolean isWanted(LogEntry entry) {
        if (!entry.getLoggerName().startsWith(EVENTS)) {
            return true;
        }
        return entry.getLogLevel().ordinal() <= LogLevel.WARN.ordinal()
                && !(isApp(entry.getBundle()) && describe(entry.getException()).startsWith(BUNDLE_EXCEPTION));
    }

    private boolean isApp(Bundle bundle) {
        return apps != null && bundle != null && bundle.getLocation().startsWith(apps);
    }

    private String format(LogEntry entry) {
        var line = new StringBuilder(200);
        time.get().formatTo(Instant.ofEpochMilli(entry.getTime()), line);
        line.append(' ').append(entry.getLogLevel());
        line.append(" ".repeat(Math.max(1, 6 - entry.getLogLevel().name().length())));
        escape(name(entry), line);
        line.append(": ");
        String message = String.valueOf(entry.getMessage());
        escape(message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE), line);
        if (message.length() > LONGEST_MESSAGE) {
            line.append("… (").append(message.length() - LONGEST_MESSAGE).append(" more characters)");
        }
        if (entry.getException() != null) {
            append(entry.getException(), entry.getLogLevel(), line);
        }
        return line.toString();
    }

    private static String describe(Throwable failure) {
        return String.valueOf(failure).replace(WRAPPER, "");
    }

    private static String name(LogEntry entry) {
        String name = entry.getLoggerName();
        return name.startsWith(LOG_SERVICE) ? name.substring(LOG_SERVICE.length()) : name;
    }

    private static void append(Throwable failure, LogLevel level, StringBuilder line) {
        if (level.ordinal() > LogLevel.WARN.ordinal()) {
            line.append(": ");
            escape(describe(failure), line);
            return;
        }
        var trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        for (String row : trace.toString().split("\\R")) {
            line.append(System.lineSeparator()).append("    ");
            escape(row.replace("\t", "    ").replace(WRAPPER, ""), line);
        }
    }

    /** Control characters as Java writes them in a string: no line breaks, and nothing that a terminal would obey. */
    private static void escape(String text, StringBuilder line) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
    }
}
