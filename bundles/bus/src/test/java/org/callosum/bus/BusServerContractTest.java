// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;

import org.callosum.journal.RecordingLogger;
import org.callosum.socket.PeerCredentials;

class BusServerContractTest extends TransportContract {
    @Override
    BusEnd open() throws Exception {
        ServerSettings settings = new ServerSettingsBuilder()
                .maxFrameBytes(FRAME_LIMIT)
                .busyPoll(busyPoll())
                .build();
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
