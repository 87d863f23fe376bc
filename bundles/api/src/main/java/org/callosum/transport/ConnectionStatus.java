// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.transport;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One connection of a bus: who is at its other end, and what went to and fro, as it stands at one moment or stood when it was
 * closed. Immutable.
 *
 * <p>In and out are as this end sees them: in is what the other end sends. Names of tracts and events are as they came from
 * the bus, cut to 250 characters, and so is what processes say of themselves: who shows them has to escape them, as
 * {@link org.callosum.api.Printable} does.
 *
 * @param id its number, counted from the transport's start; never given again
 * @param user the user at the other end when it connected; {@value #UNKNOWN} where the platform does not tell
 * @param group that user's group, likewise
 * @param process the process at the other end; empty where the platform does not tell, and of one that was closed before
 *     anybody looked at it
 * @param state how it stands
 * @param since when it was connected
 * @param until when it was closed; empty while it is open
 * @param reason why it was closed; empty while it is open
 * @param framesIn valid frames that came
 * @param bytesIn all bytes that came
 * @param invalid frames that came and were none: dropped
 * @param tooLong frames that came and were longer than allowed: dropped
 * @param heldBytes what came and waits: for the end of its frame, or for room on the bus
 * @param framesOut frames that went out whole
 * @param bytesOut bytes that went out
 * @param dropped frames that did not go out, because the other end has never read
 * @param backlogBytes what waits to go out
 * @param oldestUnsent how long the oldest of that has waited at most; empty if nothing waits, or if it is not known
 * @param tracts the tracts that it mostly sends, the most frequent first; never all that it has ever sent
 * @param lastFrame tract and event of the last valid frame that came, with a slash between them; empty if there was none, or
 *     if it is not known
 */
public record ConnectionStatus(
        long id,
        String user,
        String group,
        Optional<Peer> process,
        State state,
        Instant since,
        Optional<Instant> until,
        String reason,
        long framesIn,
        long bytesIn,
        long invalid,
        long tooLong,
        long heldBytes,
        long framesOut,
        long bytesOut,
        long dropped,
        long backlogBytes,
        Optional<Duration> oldestUnsent,
        List<Tract> tracts,
        String lastFrame) {

    /** What is said of a user or a group that the platform does not tell. */
    public static final String UNKNOWN = "unknown";

    /** How a connection stands. */
    public enum State {
        /** It gets what comes. */
        OPEN,
        /** It is open, its backlog is full, and the senders wait for it. */
        HOLDS_UP,
        /** It is open and has never read: it gets nothing until it does. */
        SEND_ONLY,
        /** Its other end takes nothing any more: what it has sent before is still being taken. */
        LEAVING,
        /** It is closed. */
        CLOSED
    }

    /**
     * A process.
     *
     * @param pid its number
     * @param command its command line, at most 250 characters; empty if it is not known
     */
    public record Peer(long pid, String command) {
        /** Checks that there is a command, be it empty. */
        public Peer {
            Objects.requireNonNull(command, "command");
        }
    }

    /**
     * A tract that a connection often sends.
     *
     * @param name its name
     * @param frames how many frames had it, at least
     */
    public record Tract(String name, long frames) {
        /** Checks that there is a name. */
        public Tract {
            Objects.requireNonNull(name, "name");
        }
    }

    /** Copies the tracts. */
    public ConnectionStatus {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(process, "process");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(until, "until");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(oldestUnsent, "oldestUnsent");
        tracts = List.copyOf(tracts);
        Objects.requireNonNull(lastFrame, "lastFrame");
    }

    /** The same with the process at the other end. */
    public ConnectionStatus with(Peer found) {
        return new ConnectionStatus(
                id,
                user,
                group,
                Optional.of(found),
                state,
                since,
                until,
                reason,
                framesIn,
                bytesIn,
                invalid,
                tooLong,
                heldBytes,
                framesOut,
                bytesOut,
                dropped,
                backlogBytes,
                oldestUnsent,
                tracts,
                lastFrame);
    }
}
