// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.callosum.api.EmitRefusedException;
import org.callosum.client.CallosumClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench}: measures a bus from outside, with the clients that any Java program has. */
@Command(
        name = "bench",
        sortOptions = false,
        description = {
            "Measures the bus: how many messages go through a second, and how long one takes at a steady rate.",
            "One client sends and others listen, all in this process, on the tract 'bench'. It is a load for whoever is on"
                    + " that bus, and handlers of all tracts get each message."
        },
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:Measured: every listener got every message.",
            "1:callosum does not run, or a message did not come in time; or the output could not be written.",
            "2:Wrong usage."
        })
public final class BenchCommand implements Callable<Integer> {
    private static final String TRACT = "bench";
    private static final String EVENT = "message";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final int MAX_ARRIVALS = 10_000_000; // a number each, of eight bytes
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Held, or its level would be forgotten. */
    private static final Logger CLIENT_LOG = Logger.getLogger(CallosumClient.LOGGER);

    @Spec
    private CommandSpec spec;

    @Mixin
    private BusOptions bus = new BusOptions();

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Messages that are sent as fast as the bus takes them. Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Messages a second of the steady part, which lasts 3 s. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Clients that listen. Default: ${DEFAULT-VALUE}.")
    private int subscribers;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean isHelpWanted;

    @Override
    public Integer call() throws InterruptedException {
        requireRange("--count", count, MAX_ARRIVALS);
        requireRange("--rate", rate, 1_000_000);
        requireRange("--subscribers", subscribers, 1_000);
        requireArrivals("--count", count);
        requireArrivals("three times --rate", 3L * rate);
        CLIENT_LOG.setLevel(Level.WARNING); // that it has connected is no news here
        String run = UUID.randomUUID().toString();
        int steady = 3 * rate;
        Path socket = bus.socket();
        List<CallosumClient> clients = new ArrayList<>();
        try {
            Arrivals flood = new Arrivals(count, subscribers);
            Arrivals paced = new Arrivals(steady, subscribers);
            for (int i = 0; i <= subscribers; i++) {
                CallosumClient client = CallosumClient.builder().socket(socket).build();
                clients.add(client);
                if (i < subscribers) { // the last one only sends
                    client.listen(TRACT, EVENT, message -> {
                        if (message.string("run").filter(run::equals).isPresent()) {
                            long sent = (Long) message.toMap().get("nanos");
                            (message.toMap().containsKey("paced") ? paced : flood).add(System.nanoTime() - sent);
                        }
                    });
                }
                client.connect();
                if (!client.awaitConnected(CONNECT)) {
                    return complain("Cannot connect to '" + socket + "': is callosum running?");
                }
            }
            return measure(clients.get(subscribers), run, flood, paced);
        } finally {
            clients.forEach(CallosumClient::close);
        }
    }

    private int measure(CallosumClient sender, String run, Arrivals flood, Arrivals paced) throws InterruptedException {
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            emit(sender, Map.of("run", run, "n", i, "nanos", System.nanoTime()));
        }
        if (!flood.await(PATIENCE)) {
            return complain(flood.missing());
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        print(
                "Throughput  %,d messages to %d of %d clients in %.2f s: %,.0f/s sent, %,.0f/s delivered%n",
                count, subscribers, subscribers + 1, seconds, count / seconds, count / seconds * subscribers);

        long next = System.nanoTime();
        for (int i = 0; i < paced.perListener(); i++) {
            for (long wait = next - System.nanoTime(); wait > 0; wait = next - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            // By the plan, not by the clock: a message that was held up here waited, too.
            emit(sender, Map.of("run", run, "n", i, "nanos", next, "paced", true));
            next += NANOS_PER_SECOND / rate;
        }
        if (!paced.await(PATIENCE)) {
            return complain(paced.missing());
        }
        long[] nanos = paced.sorted();
        print(
                "Latency     p50 %s, p99 %s, p99.9 %s, max %s, at %,d/s%n",
                text(nanos, 0.5), text(nanos, 0.99), text(nanos, 0.999), text(nanos, 1), rate);
        return ExitStatus.DONE;
    }

    private static void emit(CallosumClient sender, Map<String, Object> fields) throws InterruptedException {
        while (true) {
            try {
                sender.emit(TRACT, EVENT, fields);
                return;
            } catch (EmitRefusedException full) {
                sender.flush(PATIENCE);
            }
        }
    }

    private void print(String format, Object... values) {
        spec.commandLine().getOut().printf(Locale.ROOT, format, values);
        spec.commandLine().getOut().flush();
    }

    private static String text(long[] sorted, double share) {
        int index = (int) Math.min(sorted.length - 1L, (long) (sorted.length * share));
        return String.format(Locale.ROOT, "%.3f ms", sorted[index] / 1e6);
    }

    private void requireRange(String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new ParameterException(
                    spec.commandLine(), "Option " + option + " is " + value + ": give a number from 1 to " + max);
        }
    }

    /** What is measured is kept until the end. */
    private void requireArrivals(String what, long messages) {
        if (messages * subscribers > MAX_ARRIVALS) {
            throw new ParameterException(
                    spec.commandLine(),
                    String.format(
                            Locale.ROOT,
                            "%d messages, %s, to %d --subscribers are more than %,d: give less of one of them",
                            messages,
                            what,
                            subscribers,
                            MAX_ARRIVALS));
        }
    }

    private int complain(String text) {
        spec.commandLine().getErr().println("callosum bench: " + text);
        spec.commandLine().getErr().flush();
        return ExitStatus.FAILED;
    }

    /**
     * What arrived, at all listeners together.
     *
     * <p><b>Threads.</b> Each listener adds on its own thread. Guarded by {@code this}.
     */
    private static final class Arrivals {
        private final int perListener;
        private final long[] nanos;
        private int count;

        Arrivals(int perListener, int listeners) {
            this.perListener = perListener;
            this.nanos = new long[Math.multiplyExact(perListener, listeners)];
        }

        int perListener() {
            return perListener;
        }

        synchronized void add(long latencyNanos) {
            if (count < nanos.length) {
                nanos[count++] = latencyNanos;
                if (count == nanos.length) {
                    notifyAll();
                }
            }
        }

        /** Whether all have come; waits for the next one not longer than so. */
        synchronized boolean await(Duration patience) throws InterruptedException {
            int before = -1;
            while (count < nanos.length && count > before) {
                before = count;
                long end = System.nanoTime() + patience.toNanos();
                for (long left = patience.toMillis();
                        count < nanos.length && left > 0;
                        left = (end - System.nanoTime()) / 1_000_000) {
                    wait(left);
                }
            }
            return count == nanos.length;
        }

        synchronized String missing() {
            return count + " of " + nanos.length + " messages came, and none for " + PATIENCE.toSeconds() + " s";
        }

        synchronized long[] sorted() {
            long[] sorted = nanos.clone();
            Arrays.sort(sorted);
            return sorted;
        }
    }
}
