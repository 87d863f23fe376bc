// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/** What Prometheus calls the counters of a bus, server and client alike, which have their names of the bus. */
enum BusMetric {
    CLIENTS("clients", false, "callosum_bus_clients", "Connections to the bus now."),
    SEND_ONLY("sendOnlyClients", false, "callosum_bus_send_only_clients", "Connections that have never read."),
    CONNECTED("connected", false, "callosum_bus_connected", "Whether this runtime is connected to the bus of another."),
    ACCEPTED("accepted", true, "callosum_bus_connections_accepted", "Connections that were accepted."),
    REFUSED("refusedPeers", true, "callosum_bus_connections_refused", "Connections of users that may not."),
    ENTERING("entering", false, "callosum_bus_entering", "Connections accepted whose user is still looked up."),
    ACCEPT_PAUSES(
            "acceptPauses",
            true,
            "callosum_bus_accept_pauses",
            "How often the system gave no more sockets to let clients in."),
    ACCEPT_PAUSED("acceptPaused", false, "callosum_bus_accept_paused", "Whether that is so now, and nobody is let in."),
    RECONNECTS("reconnects", true, "callosum_bus_reconnects", "How often the bus of another was connected to again."),
    FRAMES_IN("framesIn", true, "callosum_bus_received_frames", "Valid frames that came from the bus's connections."),
    FRAMES_OUT("framesOut", true, "callosum_bus_sent_frames", "Frames that went out whole."),
    BYTES_IN("bytesIn", true, "callosum_bus_received_bytes", "Bytes that came."),
    BYTES_OUT("bytesOut", true, "callosum_bus_sent_bytes", "Bytes that went out."),
    OWN("ownFrames", true, "callosum_bus_own_frames", "Frames that this runtime itself put on the bus that it serves."),
    OWN_PENDING("ownPendingBytes", false, "callosum_bus_own_pending_bytes", "Own frames that wait for the bus."),
    INVALID("invalid", true, "callosum_bus_invalid_frames", "Frames that came and were none: dropped."),
    TOO_LONG("tooLong", true, "callosum_bus_too_long_frames", "Frames that came and were too long: dropped."),
    NO_ROOM("noRoom", true, "callosum_bus_no_room_frames", "Of these, unfinished ones that there was no room for."),
    BACKLOG("backlogBytes", false, "callosum_bus_backlog_bytes", "What waits for connections that do not read."),
    MEMORY("memoryBytes", false, "callosum_bus_memory_bytes", "What the bus holds for messages, in all."),
    MEMORY_LIMIT("memoryLimitBytes", false, "callosum_bus_memory_limit_bytes", "What it may hold of them."),
    DROPPED("droppedSendOnly", true, "callosum_bus_dropped_frames", "Frames not sent to those who have never read."),
    THROWN_OFF("disconnectedStalled", true, "callosum_bus_clients_thrown_off", "Connections closed for not reading."),
    THROWN_OFF_FOR_ROOM(
            "disconnectedNoRoom",
            true,
            "callosum_bus_clients_no_room",
            "Connections that have never read, closed for want of room for the rest of a frame."),
    HELD_UP("heldUp", true, "callosum_bus_held_up", "How often senders waited for a connection that did not read."),
    HELD_UP_FOR("heldUpMillis", true, "callosum_bus_held_up_seconds", "How long they waited."),
    SOCKET_LOST(
            "socketLost",
            false,
            "callosum_bus_socket_lost",
            "Whether the socket file is lost and its place cannot be had."),
    BOUND_AGAIN(
            "boundAgain", true, "callosum_bus_socket_rebinds", "How often a socket file that was lost was replaced."),
    DISPLACED(
            "displaced", true, "callosum_bus_displacements", "How often another server took the socket file's place."),
    SENT_OVER("sentOver", true, "callosum_bus_clients_sent_over", "Connections that were sent to another server."),
    GIVEN_UP_CLIENTS(
            "givenUpClients",
            true,
            "callosum_bus_clients_given_up",
            "Of these, such whose last messages were not taken, for want of room, say."),
    QUEUED("queued", false, "callosum_bus_queued_messages", "Messages kept while the bus of another is away."),
    QUEUED_BYTES("queuedBytes", false, "callosum_bus_queued_bytes", "Their length."),
    GAVE_UP("gaveUp", true, "callosum_bus_given_up_messages", "Messages that were given up.");

    private final String counter;
    private final boolean grows;
    private final String metric;
    private final String help;

    BusMetric(String counter, boolean grows, String metric, String help) {
        this.counter = counter;
        this.grows = grows;
        this.metric = metric;
        this.help = help;
    }

    /** Its name at the bus. */
    String counter() {
        return counter;
    }

    /** Those that this bus has. */
    static List<MetricSnapshot> of(Map<String, Long> counters) {
        List<MetricSnapshot> metrics = new ArrayList<>();
        for (BusMetric each : values()) {
            Long value = counters.get(each.counter);
            if (value != null) {
                double amount = each.counter.endsWith("Millis") ? value / 1e3 : value;
                Family family = Family.of(each.metric, each.help, amount);
                metrics.add(each.grows ? family.counter() : family.gauge());
            }
        }
        return metrics;
    }
}
