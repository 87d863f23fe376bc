// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * What a handler threw, as it is handed to the log: it reads the same, and has nothing of the app in it. A log service keeps its last
 * entries, and a throwable keeps the classes of its frames, whatever class it is of itself: with them the class loader of a version
 * that is long gone.
 *
 * <p>Immutable.
 */
final class LoggedFailure extends Throwable {
    /** A longer text is cut. */
    private static final int MAX_TEXT = 8_192;

    /** How many causes and suppressed failures are kept, at each level. */
    private static final int MAX_OTHERS = StackText.MAX_CAUSES;

    private static final long serialVersionUID = 1L;

    private final String text;

    private LoggedFailure(String message, String text, LoggedFailure cause) {
        super(message, cause, true, true);
        this.text = text;
    }

    /** The failure to be logged. Asks it for its text, which is foreign code: throws what that throws. */
    static LoggedFailure of(Throwable failure) {
        return of(failure, 0, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static LoggedFailure of(Throwable failure, int depth, Set<Throwable> seen) {
        if (failure == null || depth > MAX_OTHERS || !seen.add(failure)) {
            return null;
        }
        LoggedFailure cause = of(failure.getCause(), depth + 1, seen);
        LoggedFailure copy = new LoggedFailure(cut(failure.getMessage()), cut(failure.toString()), cause);
        copy.setStackTrace(Stacks.copy(failure.getStackTrace()));
        for (Throwable other : failure.getSuppressed()) {
            LoggedFailure its = copy.getSuppressed().length < MAX_OTHERS ? of(other, depth + 1, seen) : null;
            if (its != null) {
                copy.addSuppressed(its);
            }
        }
        return copy;
    }

    private static String cut(String text) {
        return text == null || text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
    }

    @Override
    public String toString() {
        return text;
    }
}
