// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

/**
 * Knows whether handlers that are away come back. Asked often while some are.
 *
 * <p><b>Threads.</b> Called by one thread, which holds no lock.
 */
public interface Whereabouts {
    /** What is known of a handler. */
    enum Answer {
        /** It may come back. */
        COMING,
        /** Its bundle runs again, and nothing says whether it has this handler. */
        UNKNOWN,
        /** Its bundle was stopped or uninstalled by somebody who means it. */
        STOPPED
    }

    /** Asks for one handler. */
    Answer of(Owner owner, HandlerIdentity identity);
}
