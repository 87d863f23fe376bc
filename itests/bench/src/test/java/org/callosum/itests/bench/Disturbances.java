// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what each {@link Disturbance} does to a sender and a reader beside it, and prints a table: what {@code
 * itests/bench/disturbances} starts. Windows without and with it take turns; who disturbs is a process of its own, of the
 * lowest priority, so that what is measured is the bus rather than who of them gets the processor.
 */
final class Disturbances {
    private static final int RATE = 1_000;
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1) / RATE;

    /** A sender that is so late has been held up: its message counts from when it was due. */
    private static final long HELD_UP_NANOS = 1_000_000;

    private static final int FRAME = 256;
    private static final int LONGEST_NUMBER = 20;
    private static final long WARM_UP_MILLIS = 500;

    /** A window that brought less than this part of what was sent shows a bus that has failed. */
    private static final double ENOUGH = 0.99;

    private int rounds = 5;
    private int millis = 3_000;
    private final Set<Disturbance> wanted = EnumSet.noneOf(Disturbance.class);

    /** The latencies of a window in ascending order, in nanoseconds. */
    private record Window(long[] nanos) {
        double micros(double percent) {
            return nanos[(int) Math.min(nanos.length - 1, Math.floor(nanos.length * percent / 100))] / 1e3;
        }
    }

    /** What came of a disturbance: its windows, and those beside them. */
    private static final class Figures {
        private final List<Window> undisturbed = new ArrayList<>();
        private final List<Window> disturbed = new ArrayList<>();
    }

    /**
     * Measures.
     *
     * @param arguments the bus's socket, that of a bus whose log is on a full disk, then options and names; or
     *     {@code --disturb}, a name and a socket, for a process that disturbs
     */
    public static void main(String... arguments) throws Exception {
        if (arguments[0].equals("--disturb")) {
            System.out.println("begins");
            Disturbance.valueOf(arguments[1]).run(Path.of(arguments[2]));
            return;
        }
        new Disturbances(Arrays.copyOfRange(arguments, 2, arguments.length))
                .run(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    private Disturbances(String... arguments) {
        List<String> left = new ArrayList<>(List.of(arguments));
        while (!left.isEmpty()) {
            String argument = left.remove(0);
            switch (argument) {
                case "--rounds" -> rounds = Integer.parseInt(left.remove(0));
                case "--millis" -> millis = Integer.parseInt(left.remove(0));
                default ->
                    wanted.add(Disturbance.valueOf(
                            argument.toUpperCase(Locale.ROOT).replace('-', '_')));
            }
        }
        if (wanted.isEmpty()) {
            wanted.addAll(EnumSet.allOf(Disturbance.class));
        }
    }

    private void run(Path socket, Path ofFullDisk) throws Exception {
        window(socket, 3 * millis); // for the JIT, here and there
        Map<Disturbance, Figures> all = new EnumMap<>(Disturbance.class);
        for (int round = 1; round <= rounds; round++) {
            for (Disturbance each : wanted) {
                System.err.printf("round %d of %d: %s%n", round, rounds, each.label);
                Path bus = each == Disturbance.LOG_DISK_FULL ? ofFullDisk : socket;
                Figures figures = all.computeIfAbsent(each, some -> new Figures());
                figures.undisturbed.add(window(bus, millis));
                Process disturber = disturb(each, bus);
                try {
                    figures.disturbed.add(window(bus, millis));
                } finally {
                    disturber.destroyForcibly().waitFor();
                }
            }
        }
        System.out.printf("| disturbance | p50 without, µs | p50 with | ratio | p99 without, µs | p99 with | ratio |%n"
                + "| --- | --: | --: | --: | --: | --: | --: |%n");
        all.forEach((each, figures) ->
                System.out.printf("| %s | %s | %s |%n", each.label, columns(figures, 50), columns(figures, 99)));
    }

    private static String columns(Figures figures, double percent) {
        double without = median(figures.undisturbed, percent);
        double with = median(figures.disturbed, percent);
        return String.format(Locale.ROOT, "%,.0f | %,.0f | %.2f", without, with, with / without);
    }

    private static double median(List<Window> windows, double percent) {
        double[] sorted = windows.stream()
                .mapToDouble(window -> window.micros(percent))
                .sorted()
                .toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static Process disturb(Disturbance which, Path socket) throws IOException {
        Process process = new ProcessBuilder(
                        "nice",
                        "-n",
                        "19",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Disturbances.class.getName(),
                        "--disturb",
                        which.name(),
                        socket.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII)).readLine();
        return process;
    }

    /** The latencies of a sender of {@value #RATE} messages a second and a reader of them. */
    @SuppressWarnings("try") // the reader is closed early so that its thread ends
    private static Window window(Path socket, int millis) throws Exception {
        try (SocketChannel reader = connect(socket);
                SocketChannel sender = connect(socket)) {
            int warmUp = (int) (WARM_UP_MILLIS * RATE / 1_000);
            long[] latencies = new long[warmUp + millis * RATE / 1_000];
            int[] received = {0};
            Thread reading = new Thread(() -> read(reader, latencies, received), "reader");
            reading.start();
            Thread draining = new Thread(() -> read(sender, new long[0], new int[1]), "sender's reader");
            draining.setDaemon(true);
            draining.start();
            send(sender, latencies.length);
            reading.join(TimeUnit.SECONDS.toMillis(10));
            reader.close();
            reading.join();
            if (received[0] < latencies.length * ENOUGH) {
                throw new IllegalStateException(received[0] + " of " + latencies.length + " messages came");
            }
            long[] counted = Arrays.copyOfRange(latencies, warmUp, received[0]);
            Arrays.sort(counted);
            return new Window(counted);
        }
    }

    /** There may be no file at the moment. */
    private static SocketChannel connect(Path socket) throws IOException {
        for (int i = 0; ; i++) {
            try {
                return Disturbance.connect(socket);
            } catch (IOException e) {
                if (i == 50) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    private static void send(SocketChannel channel, int count) throws IOException {
        long due = System.nanoTime();
        for (int i = 0; i < count; i++, due += PERIOD_NANOS) {
            long now = System.nanoTime();
            while (now < due) {
                LockSupport.parkNanos(due - now);
                now = System.nanoTime();
            }
            String head = "{\"tract\":\"bench\",\"event\":\"neighbour\",\"t\":"
                    + (now - due > HELD_UP_NANOS ? due : now) + ",\"pad\":\"";
            ByteBuffer frame = ByteBuffer.wrap(
                    (head + "x".repeat(FRAME - 2 - head.length()) + "\"}\n").getBytes(StandardCharsets.US_ASCII));
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        }
    }

    /** Takes the beginning of each line alone: others' are up to 16 MiB long. */
    private static void read(SocketChannel channel, long[] latencies, int[] received) {
        byte[] before = "{\"tract\":\"bench\",\"event\":\"neighbour\",\"t\":".getBytes(StandardCharsets.US_ASCII);
        byte[] head = new byte[before.length + LONGEST_NUMBER];
        int length = 0;
        ByteBuffer in = ByteBuffer.allocate(1 << 16);
        try {
            while ((latencies.length == 0 || received[0] < latencies.length) && channel.read(in.clear()) >= 0) {
                long now = System.nanoTime();
                in.flip();
                while (in.hasRemaining()) {
                    byte b = in.get();
                    if (b != '\n') {
                        if (length < head.length) {
                            head[length++] = b;
                        }
                        continue;
                    }
                    if (received[0] < latencies.length
                            && length > before.length
                            && Arrays.mismatch(head, before) == before.length) {
                        latencies[received[0]++] = now - number(head, before.length);
                    }
                    length = 0;
                }
            }
        } catch (AsynchronousCloseException end) {
            // the window's
        } catch (IOException e) {
            System.err.println("A reader's connection broke: " + e);
        }
    }

    private static long number(byte[] digits, int from) {
        long number = 0;
        for (int i = from; i < digits.length && Character.isDigit(digits[i]); i++) {
            number = 10 * number + digits[i] - '0';
        }
        return number;
    }
}
