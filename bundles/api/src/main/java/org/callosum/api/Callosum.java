// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.util.Map;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The bus, as an app sees it: a service to emit messages with. The runtime provides it.
 *
 * <pre>{@code
 * @Activate
 * public Greeter(@Reference Callosum callosum) { … }
 *
 * callosum.emit("greeter", "greeted", Map.of("name", name));
 * }</pre>
 *
 * <p><b>Threads.</b> May be called by any thread, by several at once, and by a handler while it runs; never waits for the
 * bus or for other handlers. Messages of one thread arrive in the order in which it emitted them. Every message goes to
 * every client of the bus, and to the handlers of this runtime, the emitting one included if it listens to it.
 */
@ProviderType
public interface Callosum {
    /**
     * Emits a message of these fields.
     *
     * @param tract the tract, not {@code null}
     * @param event the event, not {@code null}
     * @param fields all other fields; values as {@link Message#of(String, String, Map)} takes them
     * @return whether it was handed to the bus or is kept until the bus is back
     * @throws IllegalArgumentException if a field is of a type that JSON has no form for, or is named {@code tract} or
     *     {@code event}, or if the whole exceeds what a frame may hold (16 MiB unless configured)
     * @throws EmitRefusedException if it could not be kept: never silently dropped
     */
    default Emission emit(String tract, String event, Map<String, ?> fields) {
        return emit(Message.of(tract, event, fields));
    }

    /**
     * Emits a message.
     *
     * @param message a message with a tract and an event
     * @return whether it was handed to the bus or is kept until the bus is back
     * @throws IllegalArgumentException if it has no tract or no event, or exceeds what a frame may hold
     * @throws EmitRefusedException if it could not be kept: never silently dropped
     */
    Emission emit(Message message);
}
