// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Instant;
import java.util.List;
import java.util.Map;

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
    static String table(List<InvocationStatus> running, Screen screen) {
        Table table = new Table(
                Column.text("APP/HANDLER"),
                Column.text("EVENT"),
                Column.word("STATE"),
                Column.number("RUNNING FOR"),
                Column.text("THREAD").lesser(),
                Column.text("NOW AT"));
        for (InvocationStatus each : running) {
            table.row(
                    label(each),
                    event(each),
                    urgency(each).cell(Words.of(each.state())),
                    Amounts.duration(each.running()),
                    Printable.of(each.thread(), MAX_THREAD),
                    each.stack().isEmpty() ? "-" : frame(each.stack().get(0)));
        }
        return table.text(screen);
    }

    /** A row for each, and the stacks of those that are past their soft limit. */
    static String text(List<InvocationStatus> running, Screen screen) {
        return running.isEmpty() ? "Nothing has run for more than a moment.\n" : table(running, screen) + late(running);
    }

    private static String late(List<InvocationStatus> running) {
        List<InvocationStatus> late =
                running.stream().filter(InvocationStatus::isPastSoftLimit).toList();
        return late.isEmpty() ? "" : "\n" + stacks(late);
    }

    /** Each for scripts. */
    static List<Map<String, Object>> json(List<InvocationStatus> running, Instant now) {
        return running.stream()
                .map(each -> Fields.of(
                        "app", each.app(),
                        "handler", each.handler(),
                        "tract", each.tract(),
                        "event", each.event(),
                        "state", Words.key(each.state()),
                        "isPastSoftLimit", each.isPastSoftLimit(),
                        "since", now.minus(each.running()).toString(),
                        "runningNanos", each.running().toNanos(),
                        "thread", each.thread(),
                        "stack", frames(each.stack())))
                .toList();
    }

    /** A stack for scripts. */
    static List<String> frames(List<StackTraceElement> stack) {
        return stack.stream().map(StackTraceElement::toString).toList();
    }

    /** Each with its stack. */
    static String stacks(List<InvocationStatus> running) {
        StringBuilder text = new StringBuilder();
        for (InvocationStatus each : running) {
            text.append(label(each) + " on " + event(each) + ", " + Words.of(each.state()) + ", for "
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

    static String label(InvocationStatus each) {
        return HandlersView.name(each.app()) + "/" + HandlersView.name(each.handler());
    }

    static String event(InvocationStatus each) {
        return HandlersView.name(each.tract()) + "/" + HandlersView.name(each.event());
    }

    private static Urgency urgency(InvocationStatus each) {
        return each.state() == InvocationStatus.State.WRITTEN_OFF ? Urgency.ALARM : Urgency.NONE;
    }

    /** A line for a frame. */
    static String frame(StackTraceElement frame) {
        return Printable.of(frame.toString(), MAX_FRAME);
    }
}
