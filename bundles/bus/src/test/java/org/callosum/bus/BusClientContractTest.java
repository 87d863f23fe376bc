// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;

import org.callosum.journal.RecordingLogger;

class BusClientContractTest extends TransportContract {
    private ServedBus bus;

    @Override
    BusEnd open() throws Exception {
        bus = ServedBus.in(folder);
        ClientSettings settings =
                new ClientSettings(FRAME_LIMIT, 10_000, 16 << 20, Duration.ofMillis(1), Duration.ofMillis(20));
        BusClient client = new BusClient(socket(), settings, () -> 1, new ContainerLog(new RecordingLogger().logger()));
        client.start();
        return client;
    }

    @Override
    void close() {
        bus.close();
    }
}
