// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import org.callosum.api.KeyValues;
import org.callosum.api.Message;

/** What the end of a log line names a frame by that is no message. An excerpt of it stands in the sentence. */
final class FrameKeys {
    private static final String REASON = "reason";

    private FrameKeys() {}

    /** Of the line that was scanned last, and is no frame: its names as far as they were found, and what is wrong with it. */
    static KeyValues ofInvalid(FrameScanner scanner) {
        return KeyValues.of(Message.TRACT, scanner.tract())
                .and(Message.EVENT, scanner.event())
                .and(REASON, scanner.reason());
    }

    /** Of one that nobody has looked into, because it was not kept. */
    static KeyValues ofDropped(String reason) {
        return KeyValues.of(REASON, reason);
    }
}
