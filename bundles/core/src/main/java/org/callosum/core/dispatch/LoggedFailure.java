// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;

/**
 * What a handler threw, as it is handed to the log: it reads the same, and has nothing of the app in it. A log service keeps its last
 * entries, and a throwable keeps the classes of its frames, whatever class it is of itself: with them the class loader of a version
 * that is long gone.
 *
 * <p>Does not change once it is made.
 */
final class LoggedFailure extends Throwable {
    /** A longer text is cut. */
    private static final int MAX_TEXT = 8_192;

    /** How many causes and suppressed failures are kept, at each level. */
    static final int MAX_OTHERS = 8;

    private static final long serialVersionUID = 1L;

    private String message;
    private String text;

    private LoggedFailure(String text) {
        this.text = text;
        setStackTrace(new StackTraceElement[0]); // not where this is made
    }

    /**
     * The failure to be logged. It is asked for its stack, its causes and its text, which is foreign code: if that throws, the text
     * says so, and the rest is what there was until then.
     */
    static LoggedFailure of(Throwable failure) {
        return of(failure, 0, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static LoggedFailure of(Throwable failure, int depth, Set<Throwable> seen) {
        if (failure == null || depth > MAX_OTHERS || !seen.add(failure)) {
            return null;
        }
        LoggedFailure copy = new LoggedFailure(StackText.unprintable(failure));
        try {
            copy.setStackTrace(Stacks.copy(failure.getStackTrace()));
            copy.initCause(of(failure.getCause(), depth + 1, seen));
            for (Throwable other : failure.getSuppressed()) {
                LoggedFailure its = copy.getSuppressed().length < MAX_OTHERS ? of(other, depth + 1, seen) : null;
                if (its != null) {
                    copy.addSuppressed(its);
                }
            }
            copy.message = cut(failure.getMessage());
            copy.text = cut(Objects.requireNonNull(failure.toString()));
        } catch (Throwable unprintable) {
            return copy; // its text says so
        }
        return copy;
    }

    private static String cut(String text) {
        return text == null || text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
    }

    @Override
    public String getMessage() {
        return message;
    }

    @Override
    public String toString() {
        return text;
    }
}
