// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.Locale;

import org.callosum.api.Printable;
import org.callosum.core.InvocationStatus;
import org.callosum.shell.Table.Column;

/** What has run for more than a moment and still runs, and where it is. */
final class RunningView {
    private static final int MAX_THREAD = 120;
    private static final int MAX_FRAME = 160;
    private static final int MAX_FRAMES = 40;

    private RunningView() {}

    /** A row for each. */
    static String table(List<InvocationStatus> running) {
        Table table = new Table(
                Column.text("APP/HANDLER"),
                Column.text("EVENT"),
                Column.text("STATE"),
                Column.number("RUNNING FOR"),
                Column.text("THREAD"),
                Column.text("NOW AT"));
        for (InvocationStatus each : running) {
            table.row(
                    label(each),
                    event(each),
                    state(each),
                    Amounts.duration(each.running()),
                    Printable.of(each.thread(), MAX_THREAD),
                    each.stack().isEmpty() ? "-" : frame(each.stack().get(0)));
        }
        return table.toString();
    }

    /** Each with its whole stack. */
    static String stacks(List<InvocationStatus> running) {
        if (running.isEmpty()) {
            return "Nothing has run for more than a moment.\n";
        }
        StringBuilder text = new StringBuilder();
        for (InvocationStatus each : running) {
            text.append(label(each) + " on " + event(each) + ", " + state(each) + ", for "
                    + Amounts.duration(each.running()) + ", on '" + Printable.of(each.thread(), MAX_THREAD) + "'\n");
            text.append(stack(each.stack()));
        }
        return text.toString();
    }

    /** A line for each frame. */
    static String stack(List<StackTraceElement> frames) {
        StringBuilder text = new StringBuilder();
        frames.stream().limit(MAX_FRAMES).forEach(each -> text.append("    at " + frame(each) + "\n"));
        if (frames.size() > MAX_FRAMES) {
            text.append("    and " + (frames.size() - MAX_FRAMES) + " more\n");
        }
        return text.toString();
    }

    private static String label(InvocationStatus each) {
        return HandlersView.name(each.app()) + "/" + HandlersView.name(each.handler());
    }

    private static String event(InvocationStatus each) {
        return HandlersView.name(each.tract()) + "/" + HandlersView.name(each.event());
    }

    private static String state(InvocationStatus each) {
        return each.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String frame(StackTraceElement frame) {
        return Printable.of(frame.toString(), MAX_FRAME);
    }
}
