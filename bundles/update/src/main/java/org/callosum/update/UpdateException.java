// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

/** What was asked for was not done. The message is for people: it names the input, the rule and the remedy. */
public final class UpdateException extends Exception {
    private static final long serialVersionUID = 1L;

    /** With a message alone. */
    public UpdateException(String message) {
        super(message);
    }

    /** With what led to it. */
    public UpdateException(String message, Throwable cause) {
        super(message, cause);
    }
}
