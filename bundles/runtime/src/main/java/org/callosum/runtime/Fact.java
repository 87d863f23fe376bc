// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.runtime;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.api.Printable;
import org.callosum.core.HandlerEvent;
import org.callosum.transport.ConnectionStatus;

/**
 * Something that happened, on its way to the bus. Immutable; every text in it is on one line and bounded.
 *
 * @param event the event's name
 * @param subject what it happened to: facts of the same event and subject share a limit
 * @param fields the message's fields
 * @param cause the event that it happened on, if it did on one
 */
record Fact(String event, String subject, Map<String, Object> fields, Optional<Message> cause) {
    /** The tract of all of them. */
    static final String TRACT = "runtime";

    private static final int MAX_NAME = 100;
    private static final int MAX_REASON = 500;

    /** What happened to a handler. */
    static Fact of(HandlerEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("app", name(event.app()));
        fields.put("handler", name(event.handler()));
        fields.put("service_id", event.serviceId());
        fields.put("bundle", name(event.bundle()));
        fields.put("version", name(event.version()));
        event.message().ifPresent(message -> {
            fields.put("on_tract", name(message.tract()));
            fields.put("on_event", name(message.event()));
        });
        if (!event.reason().isEmpty()) {
            fields.put("reason", Printable.of(event.reason(), MAX_REASON));
        }
        String name =
                switch (event.kind()) {
                    case FAILED -> "handler_failed";
                    case TIMED_OUT -> "handler_timed_out";
                    case QUARANTINED -> "handler_quarantined";
                    case RELEASED -> "handler_released";
                };
        return new Fact(name, name(event.app()) + "/" + name(event.handler()), fields, event.message());
    }

    /** A client of the bus was thrown off. */
    static Fact of(ConnectionStatus client) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("client", client.id());
        fields.put("user", name(client.user()));
        client.process().ifPresent(process -> {
            fields.put("pid", process.pid());
            fields.put("process", name(process.command()));
        });
        fields.put("reason", Printable.of(client.reason(), MAX_REASON));
        fields.put("backlog_bytes", client.backlogBytes());
        return new Fact("client_disconnected", name(client.user()), fields, Optional.empty());
    }

    /**
     * An app was installed, updated or removed.
     *
     * @param change {@code installed}, {@code updated} or {@code removed}
     * @param before the version that it had before, if it is another one now
     */
    static Fact app(String change, String app, long bundleId, String bundle, String version, Optional<String> before) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("app", name(app));
        fields.put("bundle", name(bundle));
        fields.put("bundle_id", bundleId);
        fields.put("version", name(version));
        before.ifPresent(other -> fields.put("version_before", name(other)));
        return new Fact("app_" + change, name(bundle), fields, Optional.empty());
    }

    /** As a message that is known to be emitted for its cause. */
    Message message(long leftOut) {
        Map<String, Object> all = new LinkedHashMap<>(fields);
        if (leftOut > 0) {
            all.put("left_out", leftOut);
        }
        Message message = Message.of(TRACT, event, all);
        return cause.map(message::causedBy).orElse(message);
    }

    /** As one line for the log, which is for programs alone: {@code event=… key=value …}. */
    String line(long leftOut) {
        KeyValues values = KeyValues.of("event", event);
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            values = values.and(field.getKey(), field.getValue());
        }
        return values.and("left_out", leftOut == 0 ? null : leftOut).pairs();
    }

    /** Whether it comes of another fact: of an event of this tract, or of one that was emitted for one. */
    boolean isOfOurOwn() {
        return cause.filter(message -> message.tract().equals(TRACT)
                        || message.causes().stream().anyMatch(name -> name.startsWith(TRACT + "/")))
                .isPresent();
    }

    private static String name(String text) {
        return Printable.of(text, MAX_NAME);
    }
}
