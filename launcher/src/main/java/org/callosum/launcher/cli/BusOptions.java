// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options that say which bus is meant. */
final class BusOptions {
    @ArgGroup
    private Place place = new Place();

    /** A bus is named by its journal or by its socket, not by both. */
    private static final class Place {
        @Option(
                names = "--journal",
                paramLabel = "DIR",
                converter = PathWord.class,
                description = "The journal whose bus is meant: its socket is health/callosum.sock in there."
                        + " Default: $$SOLSTONE_JOURNAL, else ./journal.")
        private Path journal;

        @Option(
                names = "--socket",
                paramLabel = "PATH",
                converter = PathWord.class,
                description = "The bus's socket, wherever it is.")
        private Path socket;
    }

    /** The socket of the bus that is meant, absolute. */
    Path socket() {
        return socket(System::getenv);
    }

    /** The journal of the bus that is meant; empty if it is named by its socket, which may be anywhere. */
    Optional<Path> journal() {
        return place.socket == null
                ? Optional.of(JournalOption.folder(place.journal, System::getenv)
                        .toAbsolutePath()
                        .normalize())
                : Optional.empty();
    }

    Path socket(UnaryOperator<String> environment) {
        Path socket = place.socket == null
                ? JournalOption.folder(place.journal, environment).resolve("health/callosum.sock")
                : place.socket;
        return socket.toAbsolutePath().normalize();
    }
}
