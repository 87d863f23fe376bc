// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

import org.callosum.journal.RecordingLogger;
import org.callosum.socket.PeerCredentials;
import org.callosum.transport.TransportStatus;

/** A server on a socket of its own, for a test. */
public final class ServedBus implements AutoCloseable {
    private final RecordingLogger logger = new RecordingLogger();
    private final Path socket;
    private final BusServer server;

    private ServedBus(Path socket, ServerSettings settings, Duration firstPatience, PeerCredentials credentials)
            throws IOException {
        this.socket = socket;
        this.server = new BusServer(socket, settings, firstPatience, credentials, logger.logger());
        server.start();
    }

    public static ServedBus in(Path folder) throws IOException {
        return in(folder, ServerSettings.DEFAULT);
    }

    static ServedBus in(Path folder, ServerSettings settings) throws IOException {
        return new ServedBus(folder.resolve("callosum.sock"), settings, Duration.ZERO, PeerCredentials.ofPlatform());
    }

    /** One whose senders wait for the first receiver. */
    static ServedBus awaitingAReceiverFor(Duration firstPatience, Path folder) throws IOException {
        return new ServedBus(
                folder.resolve("callosum.sock"), ServerSettings.DEFAULT, firstPatience, PeerCredentials.ofPlatform());
    }

    /** One that learns who connects from these. */
    static ServedBus asking(PeerCredentials credentials, Path folder) throws IOException {
        return new ServedBus(folder.resolve("callosum.sock"), ServerSettings.DEFAULT, Duration.ZERO, credentials);
    }

    /** Settings that a test can reach the limits of. */
    static ServerSettings limits(long backlogBytes, Duration stall, SlowPolicy policy, long ownAllowanceBytes) {
        return new ServerSettingsBuilder()
                .backlogBytes(backlogBytes)
                .stall(stall)
                .slowPolicy(policy)
                .ownAllowanceBytes(ownAllowanceBytes)
                .build();
    }

    /** Settings with a memory that a test can fill. */
    static ServerSettings memory(long memoryBytes, Duration stall) {
        return new ServerSettingsBuilder().memoryBytes(memoryBytes).stall(stall).build();
    }

    /** Settings under which senders wait for the runtime's core. */
    static ServerSettings awaitingItsReceiverFor(Duration absence) {
        return new ServerSettingsBuilder().absence(absence).build();
    }

    /** Settings under which the bus never sleeps, as far as a test can tell. */
    static ServerSettings awake() {
        return new ServerSettingsBuilder().busyPoll(Duration.ofSeconds(1)).build();
    }

    public Path socket() {
        return socket;
    }

    BusServer server() {
        return server;
    }

    RecordingLogger log() {
        return logger;
    }

    public long counter(String name) {
        TransportStatus status = server.status();
        return status.counters().get(name);
    }

    @Override
    public void close() {
        server.stop();
    }
}
