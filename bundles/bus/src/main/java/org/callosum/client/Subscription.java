// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.util.Objects;

import org.callosum.api.Message;

/**
 * What one listener listens to.
 *
 * @param tract a name, or {@link CallosumClient#ANY}
 * @param event a name, or {@link CallosumClient#ANY}
 */
record Subscription(String tract, String event, MessageListener listener) {
    Subscription {
        requireName(Message.TRACT, tract);
        requireName(Message.EVENT, event);
        Objects.requireNonNull(listener, "listener");
    }

    private static void requireName(String what, String name) {
        if (Objects.requireNonNull(name, what).isEmpty()) {
            throw new IllegalArgumentException(
                    "The " + what + " to listen to is empty: give a name, or '" + CallosumClient.ANY + "' for all");
        }
    }

    boolean matches(Message message) {
        return matches(message.tract(), message.event());
    }

    boolean matches(String ofTract, String ofEvent) {
        return isWanted(tract, ofTract) && isWanted(event, ofEvent);
    }

    private static boolean isWanted(String wanted, String name) {
        return wanted.equals(CallosumClient.ANY) || wanted.equals(name);
    }

    /** What is listened to and by which class, for a log line. */
    @Override
    public String toString() {
        return listener.getClass().getName() + " on " + tract + "/" + event;
    }
}
