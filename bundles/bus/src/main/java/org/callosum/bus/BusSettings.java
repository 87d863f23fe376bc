// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.journal.Journal;

/**
 * The configuration of the bus, checked.
 *
 * @param mode which end of the bus to be
 * @param socket the socket's path, absolute
 * @param server the settings of a server
 * @param client the settings of a client
 */
record BusSettings(BusMode mode, Path socket, ServerSettings server, ClientSettings client) {
    /** Where the socket is in the journal. */
    private static final Path DEFAULT_SOCKET = Path.of("health", "callosum.sock");

    /** From this heap on there is room for the longest frame of the wire. */
    private static final long ROOMY_HEAP_BYTES = 208L * 1024 * 1024;

    /**
     * Reads a configuration.
     *
     * @throws IllegalArgumentException if a setting is wrong, with its name, its value and what it may be
     */
    static BusSettings of(BusComponent.Config config, Journal journal) {
        String path = config.socket().trim();
        Path socket = path.isEmpty() ? journal.root().resolve(DEFAULT_SOCKET) : Path.of(path);
        return new BusSettings(
                choice("mode", config.mode(), BusMode.values()),
                BusSocket.path(socket),
                new ServerSettings(
                        fitting(
                                number("memoryBytes", config::memoryBytes),
                                Runtime.getRuntime().maxMemory()),
                        number("maxFrameBytes", config::maxFrameBytes),
                        number("backlogBytes", config::backlogBytes),
                        Duration.ofMillis(number("stallMillis", config::stallMillis)),
                        choice("slowPolicy", config.slowPolicy(), SlowPolicy.values()),
                        users(config.allowedUsers()),
                        number("ownAllowanceBytes", config::ownAllowanceBytes),
                        Duration.ofMillis(number("absenceMillis", config::absenceMillis)),
                        Duration.of(number("busyPollMicros", config::busyPollMicros), ChronoUnit.MICROS),
                        number("historyBytes", config::historyBytes)),
                new ClientSettings(
                        number("maxFrameBytes", config::maxFrameBytes),
                        number("queueMessages", config::queueMessages),
                        number("queueBytes", config::queueBytes),
                        Duration.ofMillis(number("reconnectFirstMillis", config::reconnectFirstMillis)),
                        Duration.ofMillis(number("reconnectLongestMillis", config::reconnectLongestMillis))));
    }

    /**
     * What the JVM's heap has room for, beside all else that is in it: half of it. A little more if only that little is missing for
     * the longest frame of the wire, as on a machine of 1 GiB, of which the heap is a quarter or somewhat less. What is too small
     * is left for the check.
     */
    static long fitting(long memoryBytes, long heapBytes) {
        long least = heapBytes < ROOMY_HEAP_BYTES ? Limits.MIN_MEMORY_BYTES : ServerSettings.memoryForDefaultFrame();
        return Math.min(memoryBytes, Math.max(heapBytes / 2, least));
    }

    /** Which settings of a server hold less than what is configured, because there is no room for more; empty if none do. */
    String lowered(BusComponent.Config config) {
        return Stream.of(
                        lowered("memoryBytes", config.memoryBytes(), server.memoryBytes(), "the heap's share"),
                        lowered(
                                "maxFrameBytes",
                                config.maxFrameBytes(),
                                server.maxFrameBytes(),
                                "an eighth of the memory"),
                        lowered(
                                "ownAllowanceBytes",
                                config.ownAllowanceBytes(),
                                server.ownAllowanceBytes(),
                                "an eighth of the memory"))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String lowered(String setting, long configured, long holds, String most) {
        return holds >= configured
                ? ""
                : "'" + setting + "' is " + configured + ", and " + holds + " holds (" + most + ")";
    }

    /** Whether a bus that runs with the others' settings can go on with these. */
    boolean hasSamePlace(BusSettings other) {
        return mode == other.mode && socket.equals(other.socket);
    }

    /** A file of settings has all of them in one text. */
    private static Set<String> users(String[] names) {
        return Stream.of(names)
                .flatMap(text -> Stream.of(text.split(",")))
                .map(String::trim)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }

    private static <N extends Number> N number(String setting, Supplier<N> value) {
        try {
            return value.get();
        } catch (RuntimeException e) { // what the component runtime makes of it; its message quotes the value
            throw new IllegalArgumentException(
                    "Setting '" + setting + "' is no whole number of its range (" + e.getMessage() + ")", e);
        }
    }

    private static <E extends Enum<E>> E choice(String setting, String value, E[] choices) {
        String names = Stream.of(choices)
                .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        return Stream.of(choices)
                .filter(choice -> choice.name().equalsIgnoreCase(value.trim()))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Setting '" + setting + "' is " + Excerpt.of(value) + ": give one of " + names));
    }
}
