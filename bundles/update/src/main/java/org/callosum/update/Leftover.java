// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.util.List;
import java.util.Optional;

/**
 * What is left of a version that was replaced, removed or refreshed. Immutable.
 *
 * @param bundle the version
 * @param isCollected whether its class loader was collected: nothing of it is left
 * @param holders what refers to its class loader; empty if it was collected, or nothing was found that does
 */
public record Leftover(BundleVersion bundle, boolean isCollected, List<Holder> holders) {
    /** Copies the list. */
    public Leftover {
        holders = List.copyOf(holders);
    }

    /** What a thread has to do with the class loader. */
    public enum Kind {
        /** The version started it and left it running: its class, its target or its frames are the version's. */
        THREAD,
        /** A worker of the runtime that a handler of the version overran on, and which it still holds. */
        HUNG_HANDLER,
        /** Its context class loader is the version's; it may be anybody's. */
        CONTEXT_CLASS_LOADER,
        /** It has a thread local whose key or value is the version's; it may be anybody's. */
        THREAD_LOCAL
    }

    /**
     * A thread that refers to the class loader.
     *
     * @param kind what it has to do with it
     * @param thread the thread's name
     * @param how in what way it refers to it
     * @param topFrame where it is now; empty if it runs no Java code
     */
    public record Holder(Kind kind, String thread, String how, Optional<String> topFrame) {}
}
