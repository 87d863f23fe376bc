// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;

import org.callosum.core.AbsentComponent;

/**
 * Knows whether handlers that are away come back. Asked often while some are.
 *
 * <p><b>Threads.</b> Called by one thread, which holds no lock, unless a method says otherwise.
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

    /**
     * A handler that a bundle declares and that is not there.
     *
     * @param handler what it would be; it has no service
     * @param reason what it lacks: a sentence for an operator
     */
    record Absent(Handler handler, String reason) {}

    /** The handlers that bundles declare and that are not there, because their components are not satisfied. Asked by any thread, which holds no lock. */
    default List<Absent> absent() {
        return List.of();
    }

    /** The components that bundles declare and that are not there, handlers or not. Asked by any thread, which holds no lock. */
    default List<AbsentComponent> absentComponents() {
        return List.of();
    }
}
