// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.callosum.transport.ConnectionStatus.Peer;

/**
 * The connected Unix sockets of a machine, from what {@code ss -xpmHO} prints: for each its own number, its other end's, the
 * processes that have it open, and the size of its receive buffer.
 *
 * <p>What is not understood is not there. Names of processes and paths are chosen by others: two ends are taken for such only
 * if each names the other.
 */
final class SocketTable {
    private static final Pattern LINE = Pattern.compile(
            "u_str\\s+ESTAB\\s.*?\\s(\\d+)\\s+\\S+\\s+(\\d+)\\s+users:\\((.*)\\)\\s+skmem:\\(r\\d+,rb(\\d+),.*");
    private static final Pattern USER = Pattern.compile("\\(\"(.*?)\",pid=(\\d+),fd=\\d+\\)");

    /** In the place of several that have the same buffer: its other end does not exist. */
    private static final Socket AMBIGUOUS = new Socket(0, 0, new Peer(0, ""));

    private record Socket(long number, long other, Peer process) {}

    private final Map<Long, Socket> byNumber = new HashMap<>();

    /** Those of the own process. */
    private final Map<Long, Socket> byBuffer = new HashMap<>();

    /**
     * Reads it.
     *
     * @param ownPid the process whose sockets are asked for
     */
    SocketTable(String text, long ownPid) {
        text.lines().forEach(line -> add(line, ownPid));
    }

    /** Who is at the other end of the own socket whose receive buffer has this size; empty if that is not told, or there are several. */
    Optional<Peer> peerOf(long bufferBytes) {
        return Optional.ofNullable(byBuffer.get(bufferBytes))
                .flatMap(own ->
                        Optional.ofNullable(byNumber.get(own.other())).filter(other -> other.other() == own.number()))
                .map(Socket::process);
    }

    private void add(String line, long ownPid) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            return;
        }
        Matcher user = USER.matcher(matcher.group(3));
        if (!user.find()) {
            return;
        }
        try {
            Socket socket = new Socket(
                    Long.parseLong(matcher.group(1)),
                    Long.parseLong(matcher.group(2)),
                    new Peer(Long.parseLong(user.group(2)), user.group(1)));
            byNumber.put(socket.number(), socket);
            if (socket.process().pid() == ownPid) {
                byBuffer.merge(Long.parseLong(matcher.group(4)), socket, (one, another) -> AMBIGUOUS);
            }
        } catch (NumberFormatException tooLong) {
            // Not a number of a socket or a process.
        }
    }
}
