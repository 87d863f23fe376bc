// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import org.osgi.service.log.Logger;

/** Which end of the bus this runtime is. */
enum BusMode {
    /** It serves the bus. */
    SERVER {
        @Override
        BusEnd start(Path socket, ServerSettings server, ClientSettings client, Logger logger) throws IOException {
            return started(new BusServer(socket, server, FIRST_PATIENCE, PeerCredentials.ofPlatform(), logger));
        }
    },

    /** It connects to a bus, now or when there is one. */
    CLIENT {
        @Override
        BusEnd start(Path socket, ServerSettings server, ClientSettings client, Logger logger) throws IOException {
            return started(new BusClient(
                    socket, client, () -> ThreadLocalRandom.current().nextDouble(), new ContainerLog(logger)));
        }
    },

    /**
     * It connects if somebody listens on the socket when it starts, and serves if nobody does. It stays with what it chose:
     * if the other bus is restarted, there are never two.
     */
    AUTO {
        @Override
        BusEnd start(Path socket, ServerSettings server, ClientSettings client, Logger logger) throws IOException {
            try {
                // Tried rather than asked: of two who ask at once, both would hear that nobody listens.
                return SERVER.start(socket, server, client, logger);
            } catch (LiveSocketException somebodyServes) {
                return CLIENT.start(socket, server, client, logger);
            }
        }
    };

    /**
     * How long senders wait for the core, which the framework starts a moment after the bus: what they send in between has
     * its handlers too. Only a bus without a core lets it pass.
     */
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(5);

    /**
     * Starts an end of the bus.
     *
     * @param server the settings if it becomes the server
     * @param client the settings if it becomes a client
     * @throws IOException if it cannot be, with the reason and the remedy
     */
    abstract BusEnd start(Path socket, ServerSettings server, ClientSettings client, Logger logger) throws IOException;

    private static BusEnd started(BusEnd end) throws IOException {
        end.start();
        return end;
    }
}
