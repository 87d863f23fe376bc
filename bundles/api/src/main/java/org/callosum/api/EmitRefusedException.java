// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

/**
 * Says that a message was not emitted, and why: everything that could keep it is full, or there is no bus at all. The
 * message is gone unless the caller keeps it; a later attempt may succeed.
 */
public final class EmitRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was refused, the limit that was reached, and the remedy
     */
    public EmitRefusedException(String message) {
        super(message);
    }
}
