// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.api.Message;
import org.callosum.core.EventSource;

/** A source that gives what a test puts into it, numbered events for example, and fails as often as it is told to. */
class QueueSource implements EventSource {
    final Queue<Message> messages = new ConcurrentLinkedQueue<>();
    final AtomicInteger failures = new AtomicInteger();

    void add(long n) {
        messages.add(Message.of("a", "b", Map.of("n", n)));
    }

    @Override
    public Message poll() {
        if (failures.get() > 0 && failures.getAndDecrement() > 0) {
            throw new IllegalStateException("once");
        }
        return messages.poll();
    }
}
