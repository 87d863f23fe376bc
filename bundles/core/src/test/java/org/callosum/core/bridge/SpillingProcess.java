// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;

import org.callosum.api.Message;
import org.callosum.core.spill.SpillFolder;
import org.osgi.service.log.Logger;

/**
 * A process with a queue over a disk, for tests that kill it, or have its files limited: it prints what it does, a line each.
 *
 * <pre>{@code taken N}, {@code spilled N}, {@code full N}, {@code log TEXT}, {@code done}</pre>
 */
public final class SpillingProcess {
    private static final long CAPACITY = 200_000;
    private static final long SMALL_SEGMENT = 1 << 20;

    private SpillingProcess() {}

    /** Starts one, with these words before {@code java}. */
    static Process start(Path folder, String task, int events, String... before) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(before));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                SpillingProcess.class.getName(),
                folder.toString(),
                task,
                Integer.toString(events)));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** {@code FOLDER add|fill|load|read NUMBER}. */
    public static void main(String[] arguments) throws Exception {
        int events = Integer.parseInt(arguments[2]);
        boolean isLoad = arguments[1].equals("load");
        var room = new Semaphore(0);
        var spill =
                new SpillFolder(Path.of(arguments[0]), isLoad ? SpillFolder.SEGMENT_BYTES : SMALL_SEGMENT, logger());
        var queue = new MessageQueue(
                isLoad ? 16 << 20 : CAPACITY,
                0,
                new Spiller(spill, 1L << 40, Duration.ofMillis(5), InstantSource.system(), logger()));
        var taker = new Taker(queue);
        queue.start(room::release, (from, to) -> say("lost"));
        switch (arguments[1]) {
            case "add" -> {
                for (int n = 0; n < events; n++) {
                    while (!queue.hasRoom()) {
                        room.acquire();
                    }
                    Arrival.add(queue, message(n));
                }
                while (!queue.isSpillerResting()) {
                    Thread.onSpinWait();
                }
                say("spilled " + queue.spilled());
                // Half of them, so that it is in the middle of what is on disk when it is killed.
                for (int n = 0; n < events / 2; n++) {
                    say("taken " + number(taker.take()));
                }
                say("done");
                System.in.read(); // until it is killed
            }
            case "fill" -> {
                // Until the disk takes no more, which it says in its log, and memory is full.
                int n = 0;
                while (!failed) {
                    if (queue.hasRoom()) {
                        Arrival.add(queue, message(n++));
                    }
                }
                while (queue.hasRoom()) {
                    Arrival.add(queue, message(n++));
                }
                say("full " + n);
                for (int taken = 0; taken < n; taken++) {
                    say("taken " + number(taker.take()));
                }
                queue.tryPoll();
                say("done");
            }
            case "load" -> {
                long began = System.nanoTime();
                for (int n = 0; n < events; n++) {
                    while (!queue.hasRoom()) {
                        room.acquire();
                    }
                    Arrival.add(queue, message(n));
                }
                say(figures("written", events, began));
                say("spilled " + queue.spilled());
                began = System.nanoTime();
                for (int n = 0; n < events; n++) {
                    long next = number(taker.take());
                    if (next != n) {
                        say("out of order: " + next + " for " + n);
                        System.exit(1);
                    }
                    queue.isRoomAgain();
                }
                say(figures("read back", events, began));
                queue.tryPoll();
                queue.close();
                queue.end();
                say("done");
            }
            default -> {
                while (!queue.isSpillerResting()) {
                    Thread.onSpinWait();
                }
                Message next = queue.tryPoll();
                while (next != null || queue.size() > 0) {
                    if (next != null) {
                        say("taken " + number(next) + (next.isRedelivered() ? " again" : ""));
                    }
                    next = queue.tryPoll();
                }
                queue.close();
                queue.end();
                say("done");
            }
        }
        System.exit(0);
    }

    private static String figures(String what, int events, long beganNanos) {
        double seconds = (System.nanoTime() - beganNanos) / 1e9;
        long bytes = (long) events * message(0).toUtf8().remaining();
        long peak = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        return String.format(
                Locale.ROOT,
                "%d events %s in %.1f s: %.0f a second, %.0f MB/s; the heap's pools had %d MB at their peaks",
                events,
                what,
                seconds,
                events / seconds,
                bytes / seconds / 1e6,
                peak >> 20);
    }

    private static volatile boolean failed;

    private static void say(String line) {
        System.out.println(line);
    }

    private static Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("warn")) {
                        say("log " + arguments[0]);
                        failed = true;
                    }
                    return null;
                });
    }

    static long number(Message message) {
        return message.longNumber("n").orElseThrow();
    }

    static Message message(int n) {
        return Message.ofFrame(
                "a",
                "b",
                ("{\"tract\":\"a\",\"event\":\"b\",\"n\":" + n + ",\"pad\":\"" + "x".repeat(200) + "\"}").getBytes());
    }
}
