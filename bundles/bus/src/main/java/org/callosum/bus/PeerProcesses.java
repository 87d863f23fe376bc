// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.transport.ConnectionStatus.Peer;
import org.osgi.service.log.Logger;

/**
 * The processes at the other ends of a server's sockets, where they can be told: on Linux, if {@code ss} of iproute2 is there.
 * The JDK gives no process id with the peer's credentials and no way to a socket's number, but {@code ss} shows a socket's
 * receive buffer, and that can be set. So each socket gets one of a size of its own, which has no effect otherwise: on a Unix
 * stream socket what is under way counts against the sender's buffer alone.
 *
 * <p>{@code ss} is run only when somebody looks, and once for each connection.
 *
 * <p><b>Threads.</b> Any thread; those who look at the same time wait for each other.
 */
final class PeerProcesses {
    /** Sizes from the kernel's default up to what it allows by default, as the JDK has them: half of what {@code ss} shows. */
    private static final int FIRST_MARK = 106_497;

    private static final int MARKS = 106_000;

    /** More than {@code ss} needs for 10,000 sockets. */
    private static final long PATIENCE_SECONDS = 2;

    private static final int KEPT_COMMAND = 250;
    private static final List<String> SS = List.of("ss", "-xpmHO");

    /** So that two servers in one process do not have the same marks. */
    private static final AtomicInteger SERVERS = new AtomicInteger();

    private final int firstMark = SERVERS.getAndIncrement() * 7_919;
    private final boolean isLinux = System.getProperty("os.name", "").equals("Linux");
    private final List<String> command;
    private final Logger logger;

    /** By connection; only of those that are open or remembered. */
    private final Map<Long, Peer> known = new ConcurrentHashMap<>();

    /** Connections that were looked for, found or not. Guarded by {@code this}, as is {@link #isMissing}. */
    private final Set<Long> lookedFor = new HashSet<>();

    private boolean isMissing;

    PeerProcesses(Logger logger) {
        this(SS, logger);
    }

    /** One that runs another command in the place of {@code ss}. */
    PeerProcesses(List<String> command, Logger logger) {
        this.command = command;
        this.logger = logger;
    }

    /** Marks the socket of a connection, so that its process can be found. */
    void mark(SocketChannel channel, long id) {
        if (isLinux) {
            try {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, markOf(id));
            } catch (IOException e) {
                // It is gone already, and the loop will see that; or its process is not found.
            }
        }
    }

    /**
     * Looks for the processes of those that have not been looked for.
     *
     * @param open the open connections
     * @param remembered the closed ones of which something is to be kept
     */
    synchronized void look(Collection<Long> open, Collection<Long> remembered) {
        known.keySet().removeIf(id -> !open.contains(id) && !remembered.contains(id));
        lookedFor.retainAll(open);
        if (!isLinux || isMissing || lookedFor.containsAll(open)) {
            return;
        }
        lookedFor.addAll(open);
        SocketTable table = new SocketTable(sockets(), ProcessHandle.current().pid());
        for (long id : open) {
            if (!known.containsKey(id)) {
                // What ss shows is twice what was asked for: the kernel's own costs are in it.
                table.peerOf(2L * markOf(id)).ifPresent(peer -> known.put(id, withCommand(peer)));
            }
        }
    }

    /** The process of a connection, if it was found. */
    Optional<Peer> of(long id) {
        return Optional.ofNullable(known.get(id));
    }

    private int markOf(long id) {
        return FIRST_MARK + (int) ((firstMark + id) % MARKS);
    }

    /** The output of {@code ss}; empty if there is none. */
    private String sockets() {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            isMissing = true;
            logger.debug("The processes of the bus's clients cannot be told: {}", e.getMessage());
            return "";
        }
        CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> {
            try {
                return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return "";
            }
        });
        try {
            return output.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        } catch (ExecutionException | TimeoutException e) {
            logger.debug("The processes of the bus's clients cannot be told: {} does not end", command, e);
            return "";
        } finally {
            process.destroyForcibly();
        }
    }

    /** With its whole command line where the system tells that, not the short name alone. */
    private static Peer withCommand(Peer peer) {
        String line = ProcessHandle.of(peer.pid())
                .flatMap(process -> process.info().commandLine())
                .orElse(peer.command());
        return new Peer(peer.pid(), line.length() > KEPT_COMMAND ? line.substring(0, KEPT_COMMAND) : line);
    }
}
