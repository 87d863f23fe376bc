// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

/** What keeps the runtime from starting, said to the user: what it met, and the remedy. */
public final class LaunchException extends Exception {
    private static final long serialVersionUID = 1L;

    /** With what was met and the remedy, in one sentence or two. */
    public LaunchException(String message) {
        super(message);
    }

    /** With what was met and the remedy, and the failure behind it. */
    public LaunchException(String message, Throwable cause) {
        super(message, cause);
    }
}
