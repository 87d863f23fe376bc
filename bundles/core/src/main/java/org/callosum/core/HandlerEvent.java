// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.Objects;
import java.util.Optional;

import org.callosum.api.Message;

/**
 * Something that happened to a handler. Immutable.
 *
 * @param kind what
 * @param serviceId its {@code service.id}
 * @param app its app
 * @param handler its name
 * @param bundleId the id of its bundle
 * @param bundle that bundle's symbolic name
 * @param version that bundle's version
 * @param message the event that it was called for, as far as it was
 * @param reason why, in one line of at most 500 characters: what was thrown, or since when and why it is in quarantine; else empty
 */
public record HandlerEvent(
        Kind kind,
        long serviceId,
        String app,
        String handler,
        long bundleId,
        String bundle,
        String version,
        Optional<Message> message,
        String reason) {
    /** What can happen to a handler. */
    public enum Kind {
        /** It threw, or could not be had. */
        FAILED,
        /** It overran its time limit. */
        TIMED_OUT,
        /** It is not called any more for a while. Said again each time it was tried in vain. */
        QUARANTINED,
        /** Its quarantine is over. */
        RELEASED
    }

    /** Checks that nothing is {@code null}. */
    public HandlerEvent {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(app, "app");
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(bundle, "bundle");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(reason, "reason");
    }
}
