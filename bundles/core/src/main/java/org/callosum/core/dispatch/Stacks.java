// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.stream.Stream;

/** Where threads are. */
final class Stacks {
    private Stacks() {}

    /** Where a thread is now, innermost frame first; copies. */
    static List<StackTraceElement> of(Thread thread) {
        return List.of(copy(thread.getStackTrace()));
    }

    /**
     * Copies of these. Those that a thread or a throwable gives keep their classes, on some JDKs, and with them the class loader of
     * an app that is long gone.
     */
    static StackTraceElement[] copy(StackTraceElement[] frames) {
        return Stream.of(frames)
                .map(frame -> new StackTraceElement(
                        null, // the JDK, too, leaves its own loaders' names and its version out
                        frame.getModuleName(),
                        null,
                        frame.getClassName(),
                        frame.getMethodName(),
                        frame.getFileName(),
                        frame.getLineNumber()))
                .toArray(StackTraceElement[]::new);
    }
}
