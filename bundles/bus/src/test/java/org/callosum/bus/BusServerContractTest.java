// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.Set;

import org.callosum.journal.RecordingLogger;
import org.callosum.socket.PeerCredentials;

class BusServerContractTest extends TransportContract {
    @Override
    BusEnd open() throws Exception {
        ServerSettings settings = new ServerSettings(
                ServerSettings.DEFAULT_MEMORY_BYTES,
                FRAME_LIMIT,
                64 << 20,
                Duration.ofSeconds(10),
                SlowPolicy.DISCONNECT,
                Set.of(),
                16 << 20,
                Duration.ZERO,
                busyPoll());
        BusServer server = new BusServer(
                socket(), settings, Duration.ZERO, PeerCredentials.ofPlatform(), new RecordingLogger().logger());
        server.start();
        return server;
    }

    /** For how long it waits awake. */
    Duration busyPoll() {
        return Duration.ZERO;
    }

    @Override
    void close() {}
}
