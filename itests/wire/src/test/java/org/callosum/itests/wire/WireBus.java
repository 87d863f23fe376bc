// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The bus that the cases are held against: the one on the socket that the system property {@value #PROPERTY} names, else one of
 * ours, started for all cases together.
 *
 * @param socket where it listens
 */
record WireBus(Path socket) {
    static final String PROPERTY = "callosum.wire.socket";

    /** Skips a case that has to start, stop or set up the bus when there is a bus that is not ours to do that with. */
    static void assumeOwn() {
        Assumptions.assumeTrue(
                given() == null,
                "The case starts and stops the bus, and the one on '" + given() + "' is somebody else's");
    }

    private static String given() {
        String socket = System.getProperty(PROPERTY);
        return socket == null || socket.isBlank() ? null : socket;
    }

    /** Gives it to a case as a parameter. */
    static final class Resolver implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == WireBus.class;
        }

        @Override
        public WireBus resolveParameter(ParameterContext parameter, ExtensionContext context) {
            if (given() != null) {
                return new WireBus(Path.of(given()));
            }
            Shared shared = context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(WireBus.class))
                    .getOrComputeIfAbsent(Shared.class, type -> new Shared(), Shared.class);
            return new WireBus(shared.bus.socket());
        }
    }

    /** Closed by JUnit, after the last case of all. */
    private static final class Shared implements AutoCloseable {
        private final Path folder;
        private final OwnBus bus;

        Shared() {
            try {
                folder = Files.createTempDirectory("wire");
                bus = new OwnBus(folder, Map.of());
                bus.start();
            } catch (Exception e) {
                throw new IllegalStateException("The bus could not be started", e);
            }
        }

        @Override
        public void close() throws IOException {
            bus.close();
            OwnBus.delete(folder);
        }
    }
}
