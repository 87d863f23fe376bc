// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;

/** What a command cannot do without. It ends with an error then, which a script sees. */
final class Required {
    private Required() {}

    /**
     * The dispatcher.
     *
     * @throws IllegalStateException if it is {@code null}
     */
    static Dispatcher dispatcher(Dispatcher dispatcher) {
        return present(dispatcher, "dispatcher", "org.callosum.core");
    }

    /**
     * The bridge.
     *
     * @throws IllegalStateException if it is {@code null}
     */
    static Bridge bridge(Bridge bridge) {
        return present(bridge, "bridge", "org.callosum.core");
    }

    /**
     * Any service.
     *
     * @param what what it is, for the error
     * @param bundle the bundle that brings it
     * @throws IllegalStateException if it is {@code null}
     */
    static <T> T present(T service, String what, String bundle) {
        if (service == null) {
            throw new IllegalStateException("There is no " + what + ": the bundle " + bundle + " is not running");
        }
        return service;
    }
}
