// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

import org.callosum.api.Printable;
import org.callosum.core.AppMark;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogReaderService;

/**
 * What the log service keeps of the log. What apps have written may hold fields of events, and so may what the bus quotes of frames:
 * both are left out unless payloads are asked for. Not loaded where there is no log service.
 */
final class RecentLog {
    private static final int MAX_ENTRIES = 1_000;
    private static final int MAX_MESSAGE = 4_000;
    private static final int MAX_TRACE = 10_000;
    private static final String BUS = "org.callosum.bus";
    private static final Pattern QUOTED = Pattern.compile("'[^']*'|'.*$", Pattern.DOTALL);

    private RecentLog() {}

    static String text(BundleContext context, boolean withPayloads) {
        ServiceReference<LogReaderService> reference = context.getServiceReference(LogReaderService.class);
        LogReaderService log = reference == null ? null : context.getService(reference);
        if (log == null) {
            return "There is no log service that keeps anything.\n";
        }
        try {
            return text(Collections.list(log.getLog()), withPayloads);
        } finally {
            context.ungetService(reference);
        }
    }

    /** The entries, the oldest first. */
    static String text(List<LogEntry> entries, boolean withPayloads) {
        StringBuilder text = new StringBuilder();
        entries.stream()
                .sorted(Comparator.comparingLong(LogEntry::getSequence))
                .skip(Math.max(0, entries.size() - MAX_ENTRIES))
                .forEach(entry -> text.append(line(entry, withPayloads)));
        return text.isEmpty() ? "The log service keeps nothing.\n" : text.toString();
    }

    private static String line(LogEntry entry, boolean withPayloads) {
        Bundle bundle = entry.getBundle();
        boolean isApp = bundle != null && AppMark.isOn(bundle);
        String message = String.valueOf(entry.getMessage());
        if (!withPayloads && isApp) {
            message = "<left out: an app's>";
        } else if (!withPayloads && bundle != null && BUS.equals(bundle.getSymbolicName())) {
            message = QUOTED.matcher(message).replaceAll("'…'");
        }
        return Instant.ofEpochMilli(entry.getTime()) + " " + entry.getLogLevel() + " "
                + (bundle == null ? "-" : bundle.getSymbolicName()) + " " + Printable.of(message, MAX_MESSAGE) + "\n"
                + trace(entry.getException());
    }

    private static String trace(Throwable failure) {
        if (failure == null) {
            return "";
        }
        StringWriter trace = new StringWriter();
        try {
            failure.printStackTrace(new PrintWriter(trace, true));
        } catch (RuntimeException | LinkageError unprintable) {
            return "    " + failure.getClass().getName() + ", which cannot be printed\n";
        }
        String text = trace.toString().replace("\t", "    ");
        return text.substring(0, Math.min(text.length(), MAX_TRACE)).indent(4);
    }
}
