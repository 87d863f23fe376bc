// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.List;

/** What an exception says, as text of a bounded length. */
final class StackText {
    static final int MAX_LINE = 500;
    static final int MAX_FRAMES = 40;

    private StackText() {}

    /** Class and message. It may be anybody's: whatever its methods throw is said instead of what they should have said. */
    static String error(Throwable failure) {
        try {
            return cut(failure.toString());
        } catch (Throwable theirs) {
            return unprintable(failure);
        }
    }

    /** What is said of one whose own methods throw. */
    static String unprintable(Throwable failure) {
        return failure.getClass().getName() + ", which cannot be printed";
    }

    /** Where it was thrown, and the same of each cause. */
    static List<String> lines(LoggedFailure failure) {
        List<String> lines = new ArrayList<>();
        addFrames(lines, failure.getStackTrace());
        for (Throwable next = failure.getCause(); next != null; next = next.getCause()) {
            lines.add("Caused by: " + error(next));
            addFrames(lines, next.getStackTrace());
        }
        return lines;
    }

    private static void addFrames(List<String> lines, StackTraceElement[] frames) {
        for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
            lines.add(cut("at " + frames[i]));
        }
        if (frames.length > MAX_FRAMES) {
            lines.add("... " + (frames.length - MAX_FRAMES) + " more");
        }
    }

    private static String cut(String text) {
        return text.length() <= MAX_LINE ? text : text.substring(0, MAX_LINE - 1) + "…";
    }
}
