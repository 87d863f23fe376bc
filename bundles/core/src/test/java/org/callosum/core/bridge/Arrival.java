// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import org.callosum.api.Message;

/** A message that comes alone: it is added, and who waits for it woken, as the bridge does for several at once. */
final class Arrival {
    private Arrival() {}

    static void add(MessageQueue queue, Message message) {
        queue.addAhead(message);
        queue.arrived();
    }

    /** One whose place was reserved. */
    static void add(MessageQueue queue, MessageQueue.Places places, Message message) {
        places.addAhead(message);
        queue.arrived();
    }
}
