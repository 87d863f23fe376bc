// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.stream.Stream;

/** Where threads are. */
final class Stacks {
    private Stacks() {}

    /**
     * Where a thread is now, innermost frame first. The elements are copies: those that a thread gives keep their classes, on some
     * JDKs, and with them the class loader of an app that is long gone.
     */
    static List<StackTraceElement> of(Thread thread) {
        return Stream.of(thread.getStackTrace())
                .map(frame -> new StackTraceElement(
                        frame.getClassLoaderName(),
                        frame.getModuleName(),
                        frame.getModuleVersion(),
                        frame.getClassName(),
                        frame.getMethodName(),
                        frame.getFileName(),
                        frame.getLineNumber()))
                .toList();
    }
}
