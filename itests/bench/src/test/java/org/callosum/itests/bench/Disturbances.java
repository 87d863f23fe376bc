// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
 * itests/bench/disturbances} starts. Windows without it, with it, and with it elsewhere take turns: elsewhere it meets a {@link
 * DisturbanceSink}, which shows what it does to the machine alone. Who disturbs is a process of its own, of the lowest
 * priority, so that what is measured is the bus rather than who of them gets the processor.
 */
final class Disturbances {
    private static final int RATE = 1_000;
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1) / RATE;

    /** A sender that is so late has been held up: its message counts from when it was due. */
    private static final long HELD_UP_NANOS = 1_000_000;

    private static final int FRAME = 256;
    private static final int LONGEST_NUMBER = 20;

    /** Who disturbs is a JVM that has just begun, and compiles for a while. */
    private static final long WARM_UP_MILLIS = 1_000;

    /** A window that brought less than this part of what was sent shows a bus that has failed. */
    private static final double ENOUGH = 0.99;

    private int rounds = 5;
    private int millis = 3_000;
    private final Set<Disturbance> wanted = EnumSet.noneOf(Disturbance.class);
    private final Path bus;
    private final Path busOfFullDisk;
    private final Path ofSink;
    private Process sink;

    /** The latencies of a window in ascending order, in nanoseconds. */
    private record Window(long[] nanos) {
        double micros(double percent) {
            return nanos[(int) Math.min(nanos.length - 1, Math.floor(nanos.length * percent / 100))] / 1e3;
        }
    }

    /** What a window is of. */
    private enum Kind {
        WITHOUT,
        WITH,
        ELSEWHERE
    }

    /** What came of a disturbance. */
    private static final class Figures {
        private final Map<Kind, List<Window>> windows = new EnumMap<>(Kind.class);

        void add(Kind kind, Window window) {
            windows.computeIfAbsent(kind, some -> new ArrayList<>()).add(window);
        }

        double median(Kind kind, double percent) {
            double[] sorted = windows.get(kind).stream()
                    .mapToDouble(window -> window.micros(percent))
                    .sorted()
                    .toArray();
            return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        }
    }

    /**
     * Measures.
     *
     * @param arguments the bus's socket, that of a bus whose log is on a full disk, one for the sink, then options and names;
     *     or {@code --disturb}, a name and a socket, for a process that disturbs; or {@code --sink} and a socket
     */
    public static void main(String... arguments) throws Exception {
        if (arguments[0].equals("--disturb")) {
            System.out.println("begins");
            Disturbance.valueOf(arguments[1]).run(Path.of(arguments[2]));
            return;
        }
        if (arguments[0].equals("--sink")) {
            new DisturbanceSink(Path.of(arguments[1]), () -> System.out.println("begins")).run();
            return;
        }
        Disturbances disturbances = new Disturbances(
                Path.of(arguments[0]),
                Path.of(arguments[1]),
                Path.of(arguments[2]),
                Arrays.copyOfRange(arguments, 3, arguments.length));
        try {
            disturbances.run();
        } finally {
            disturbances.closeSink();
        }
    }

    private Disturbances(Path bus, Path busOfFullDisk, Path ofSink, String... arguments) {
        this.bus = bus;
        this.busOfFullDisk = busOfFullDisk;
        this.ofSink = ofSink;
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

    private void run() throws Exception {
        window(bus, 3 * millis); // for the JIT, here and there
        for (Disturbance each : wanted) {
            System.err.printf("to warm up: %s%n", each.label);
            window(Kind.WITH, each);
        }
        Map<Disturbance, Figures> all = new EnumMap<>(Disturbance.class);
        for (int round = 1; round <= rounds; round++) {
            for (Disturbance each : wanted) {
                System.err.printf("round %d of %d: %s%n", round, rounds, each.label);
                Figures figures = all.computeIfAbsent(each, some -> new Figures());
                for (Kind kind : Kind.values()) {
                    Window window = window(kind, each);
                    figures.add(kind, window);
                    System.err.printf(
                            Locale.ROOT, "  %s: %,.0f µs, %,.0f µs%n", kind, window.micros(50), window.micros(99));
                }
            }
        }
        for (int percent : new int[] {50, 99}) {
            System.out.printf(
                    "| p%d, µs | without | with | with, elsewhere | with : without | with : elsewhere |%n"
                            + "| --- | --: | --: | --: | --: | --: |%n",
                    percent);
            all.forEach((each, figures) -> System.out.println(row(each, figures, percent)));
            System.out.println();
        }
    }

    private static String row(Disturbance which, Figures figures, int percent) {
        double without = figures.median(Kind.WITHOUT, percent);
        double with = figures.median(Kind.WITH, percent);
        double elsewhere = figures.median(Kind.ELSEWHERE, percent);
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %,.0f | %.2f | %.2f |",
                which.label,
                without,
                with,
                elsewhere,
                with / without,
                with / elsewhere);
    }

    private Window window(Kind kind, Disturbance which) throws Exception {
        Path itsBus = which == Disturbance.LOG_DISK_FULL ? busOfFullDisk : bus;
        if (kind == Kind.WITHOUT) {
            return window(itsBus, millis);
        }
        if (kind == Kind.ELSEWHERE) {
            openSink();
        }
        Process disturber = disturb(which, kind == Kind.WITH ? itsBus : ofSink);
        try {
            return window(itsBus, millis);
        } finally {
            disturber.destroyForcibly().waitFor();
        }
    }

    /** One for all, so that it is as warm as the bus; unless its socket file was deleted. */
    private void openSink() throws Exception {
        if (!Files.exists(ofSink)) {
            closeSink();
            sink = start("--sink", ofSink.toString());
        }
    }

    private void closeSink() throws InterruptedException {
        if (sink != null) {
            sink.destroyForcibly().waitFor();
        }
    }

    private static Process disturb(Disturbance which, Path socket) throws IOException {
        return start(List.of("nice", "-n", "19"), "--disturb", which.name(), socket.toString());
    }

    private static Process start(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    /** Starts this class as a process of its own, and waits until it says that it begins. */
    private static Process start(List<String> before, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Disturbances.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
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

    /** Takes the beginning of each line alone: others' are up to 16 MiB long, and to look at them closely would be in the figures. */
    private static void read(SocketChannel channel, long[] latencies, int[] received) {
        byte[] before = "{\"tract\":\"bench\",\"event\":\"neighbour\",\"t\":".getBytes(StandardCharsets.US_ASCII);
        byte[] head = new byte[before.length + LONGEST_NUMBER];
        int length = 0;
        ByteBuffer in = ByteBuffer.allocate(1 << 16);
        byte[] bytes = in.array();
        try {
            while (latencies.length == 0 || received[0] < latencies.length) {
                int count = channel.read(in.clear());
                if (count < 0) {
                    return;
                }
                long now = System.nanoTime();
                for (int from = 0; from < count; ) {
                    int lineEnd = indexOfLineBreak(bytes, from, count);
                    int kept = Math.min(lineEnd - from, head.length - length);
                    System.arraycopy(bytes, from, head, length, kept);
                    length += kept;
                    from = lineEnd + 1;
                    if (lineEnd == count) {
                        continue; // its end is in what comes next
                    }
                    if (received[0] < latencies.length
                            && length > before.length
                            && Arrays.mismatch(head, before) == before.length) {
                        latencies[received[0]++] = now - number(head, before.length);
                    }
                    length = 0;
                }
            }
        } catch (ClosedChannelException end) {
            // the window's
        } catch (IOException e) {
            System.err.println("A reader's connection broke: " + e);
        }
    }

    private static int indexOfLineBreak(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != '\n') {
            i++;
        }
        return i;
    }

    private static long number(byte[] digits, int from) {
        long number = 0;
        for (int i = from; i < digits.length && Character.isDigit(digits[i]); i++) {
            number = 10 * number + digits[i] - '0';
        }
        return number;
    }
}
