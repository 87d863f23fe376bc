// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.client;

import java.io.IOException;

/** Says that no runtime serves a shell at a place: none yet, perhaps. */
public final class NoRuntimeException extends IOException {
    private static final long serialVersionUID = 1L;

    NoRuntimeException(String message) {
        super(message);
    }
}
