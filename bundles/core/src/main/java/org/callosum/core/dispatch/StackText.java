// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What an exception says, as text of a bounded length. Its methods are foreign code: whatever they throw is said instead of what
 * they should have said.
 */
final class StackText {
    static final int MAX_LINE = 500;
    static final int MAX_FRAMES = 40;
    static final int MAX_CAUSES = 8;

    private StackText() {}

    /** Class and message. */
    static String error(Throwable failure) {
        try {
            return cut(failure.toString());
        } catch (Throwable unprintable) {
            return failure.getClass().getName() + ", which cannot be printed";
        }
    }

    /** Where it was thrown, and the same of each cause. */
    static List<String> lines(Throwable failure) {
        List<String> lines = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Throwable next = failure;
        try {
            while (next != null && seen.add(next) && seen.size() <= MAX_CAUSES) {
                if (next != failure) {
                    lines.add("Caused by: " + error(next));
                }
                addFrames(lines, next.getStackTrace());
                next = next.getCause();
            }
        } catch (Throwable unprintable) {
            lines.add("(the rest cannot be printed)");
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
