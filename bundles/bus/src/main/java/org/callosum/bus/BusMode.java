// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import org.callosum.socket.PeerCredentials;
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
            return started(newClient(socket, client, ConnectionWatch.NONE, logger));
        }
    },

    /**
     * It connects if somebody listens on the socket when it starts, and serves if nobody does. A client stays one: if the
     * other bus is restarted, there are never two. A server whose place another one takes becomes that one's client.
     */
    AUTO {
        @Override
        BusEnd start(Path socket, ServerSettings server, ClientSettings client, Logger logger) throws IOException {
            return started(new AutoBus(
                    displaced -> new BusServer(
                            socket, server, FIRST_PATIENCE, PeerCredentials.ofPlatform(), displaced, logger),
                    () -> newClient(socket, client, new Remedy(socket, logger), logger),
                    logger));
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

    private static BusClient newClient(Path socket, ClientSettings client, ConnectionWatch watch, Logger logger) {
        return new BusClient(
                socket, client, () -> ThreadLocalRandom.current().nextDouble(), watch, new ContainerLog(logger));
    }

    private static BusEnd started(BusEnd end) throws IOException {
        end.start();
        return end;
    }

    /** Says what an operator may do when a bus is gone whose place could be taken: nobody else would. */
    private record Remedy(Path socket, Logger logger) implements ConnectionWatch {
        @Override
        public void connected() {
            // The client says it.
        }

        @Override
        public void lost(String reason) {
            logger.warn(
                    "The other server of '{}' is not replaced by this runtime, which has become its client and connects again"
                            + " as soon as somebody serves there. If nobody is to come: save 'mode = server' in the"
                            + " configuration {}, or start this runtime again{}",
                    socket,
                    BusComponent.PID,
                    BusSocket.keyValues(socket));
        }
    }
}
