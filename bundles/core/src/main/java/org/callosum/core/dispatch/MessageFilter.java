// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Objects;
import java.util.function.Predicate;

import org.callosum.api.Message;

/**
 * Which of the messages that match it by name a handler wants: {@code dispatch.md}, row 'filters'. Immutable.
 *
 * @param text the filter as it was registered
 * @param test whether a message passes it. It throws nothing, and calls nothing foreign: it runs on the dispatching thread,
 *     and under the lock of what is parked
 */
public record MessageFilter(String text, Predicate<Message> test) {
    /** Checks that nothing is {@code null}. */
    public MessageFilter {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(test, "test");
    }
}
