// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.api.Message;
import org.callosum.core.dispatch.Gaps;
import org.callosum.core.dispatch.Handler;
import org.callosum.core.dispatch.ParkingLimits;
import org.callosum.core.dispatch.RouteTable;
import org.callosum.core.dispatch.SerialDispatcher;
import org.callosum.core.dispatch.Settings;
import org.callosum.core.dispatch.Ticker;
import org.callosum.core.dispatch.Whereabouts;
import org.callosum.core.whiteboard.ActivationFailures;
import org.callosum.core.whiteboard.Whiteboard;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.event.EventHandler;

/** Many registrations at once, in a real framework with the core's whiteboard, and what a handler takes of the memory. */
final class Burst {
    /** In one event of so many a dispatcher times its handlers. */
    private static final int TIMED_EACH = 8;

    /** With events all the while it takes so long that fewer do. */
    private static final int BUSY_SHARE = 10;

    private Burst() {}

    /** A table: how long bursts take, with and without events at the same time. */
    static String text(int rounds, int... sizes) throws Exception {
        StringBuilder text =
                new StringBuilder("\n### A burst of registrations, until the first event to the last of them\n\n"
                        + "| handlers | at rest, µs each | handlers | with events all the while, µs each |\n"
                        + "| --: | --: | --: | --: |\n");
        register(sizes[0], false); // for the JIT
        register(sizes[0] / BUSY_SHARE, true);
        for (int size : sizes) {
            List<Double> still = new ArrayList<>();
            List<Double> busy = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                still.add(register(size, false));
                busy.add(register(size / BUSY_SHARE, true));
            }
            still.sort(null);
            busy.sort(null);
            text.append(String.format(
                    Locale.ROOT,
                    "| %,d | %.1f | %,d | %.1f |%n",
                    size,
                    Results.median(still),
                    size / BUSY_SHARE,
                    Results.median(busy)));
        }
        return text.toString();
    }

    /** Registers handlers, and hands an event to the last one. In microseconds a handler. */
    static double register(int handlers, boolean isBusy) throws Exception {
        Path cache = Files.createTempDirectory("callosum-bench");
        Framework framework = EventAdminWay.framework("org.apache.felix.framework", cache, Map.of());
        try {
            framework.start();
            BundleContext context = framework.getBundleContext();
            Whiteboard board = new Whiteboard(
                    context,
                    new ActivationFailures(none(ServiceComponentRuntime.class)),
                    CallosumWay.complainingLogger());
            SerialDispatcher dispatcher = new SerialDispatcher(
                    board::routes,
                    board::handlers,
                    (owner, identity) -> Whereabouts.Answer.STOPPED,
                    new Gaps(InstantSource.system()),
                    Settings.DEFAULT,
                    ParkingLimits.DEFAULT,
                    Ticker.SYSTEM,
                    CallosumWay.complainingLogger());
            dispatcher.start();
            board.open(dispatcher);
            if (isBusy) {
                dispatcher.follow(() -> CallosumWay.MESSAGE); // without end
            }
            List<ServiceRegistration<EventHandler>> registered = new ArrayList<>();
            CountDownLatch got = new CountDownLatch(1);
            CountingHandler last = new CountingHandler(Work.NONE);
            last.expect(1, got);
            CountingHandler never = new CountingHandler(Work.NONE);
            long since = System.nanoTime();
            for (int i = 1; i < handlers; i++) {
                registered.add(register(context, "idle" + i, never));
            }
            registered.add(register(context, Way.TRACT, last));
            if (!isBusy) {
                dispatcher.dispatch(CallosumWay.MESSAGE);
            }
            got.await();
            double micros = (System.nanoTime() - since) / 1e3 / handlers;
            dispatcher.stop();
            board.close();
            return micros;
        } finally {
            EventAdminWay.close(framework, cache);
        }
    }

    private static ServiceRegistration<EventHandler> register(
            BundleContext context, String tract, EventHandler handler) {
        return context.registerService(
                EventHandler.class, handler, new Hashtable<>(Map.of("tract", tract, "event", Way.EVENT)));
    }

    private static <T> T none(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            throw new UnsupportedOperationException(method.toString());
        }));
    }

    /** What a handler takes, as text: before its first run, and later. */
    static String memory(int handlers) throws InterruptedException {
        long[] bytes = bytesPerHandler(handlers);
        return String.format(
                Locale.ROOT,
                "%nMemory: %,d bytes a handler before its first run; %,d after it, with the histogram of its times; %,d once"
                        + " these were asked for. Its service is not counted.%n",
                bytes[0],
                bytes[1],
                bytes[2]);
    }

    /**
     * What a handler takes in the dispatcher and its table, in bytes, without its service and the framework's share: before its
     * first run, after it, and when an operator has looked at its times.
     */
    static long[] bytesPerHandler(int count) throws InterruptedException {
        measured(1); // its classes are loaded
        return measured(count);
    }

    private static long[] measured(int count) throws InterruptedException {
        long before = used();
        List<Handler> handlers = CallosumWay.handlers(List.of(), count);
        RouteTable table = new RouteTable(handlers);
        SerialDispatcher dispatcher = new SerialDispatcher(
                () -> table,
                () -> handlers,
                (owner, identity) -> Whereabouts.Answer.STOPPED,
                new Gaps(InstantSource.system()),
                Settings.DEFAULT,
                ParkingLimits.DEFAULT,
                Ticker.SYSTEM,
                CallosumWay.complainingLogger());
        long unused = used() - before;
        dispatcher.start();
        runAll(dispatcher, count);
        long run = used() - before;
        if (dispatcher.handlers().stream()
                .anyMatch(each -> each.times().maxEvent().isEmpty())) {
            throw new AssertionError("A handler has no times: what was measured lacks its histogram");
        }
        long asked = used() - before;
        dispatcher.stop();
        return new long[] {unused / count, run / count, asked / count};
    }

    /** Has each handler run, once in an event that is timed. */
    private static void runAll(SerialDispatcher dispatcher, int handlers) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger polled = new AtomicInteger();
        dispatcher.follow(() -> {
            int event = polled.getAndIncrement();
            if (event >= handlers * TIMED_EACH) {
                over.countDown();
                return null;
            }
            return Message.of("idle" + event / TIMED_EACH, Way.EVENT, Map.of());
        });
        over.await();
    }

    /** After a full collection. */
    private static long used() throws InterruptedException {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(20); // references are being cleared
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
