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
    private static final int MEASURED_HANDLERS = 100_000;

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

    /** What a handler takes in the dispatcher and its table, in bytes, without its service and the framework's share. */
    static long bytesPerHandler() throws InterruptedException {
        RouteTable small = new RouteTable(CallosumWay.handlers(List.of(), 1)); // its classes are loaded
        long before = used();
        List<Handler> handlers = CallosumWay.handlers(List.of(), MEASURED_HANDLERS);
        RouteTable table = new RouteTable(handlers);
        long bytes = (used() - before) / MEASURED_HANDLERS;
        if (table.match("idle1", Way.EVENT).size() != 1
                || !small.match("idle1", Way.EVENT).isEmpty()) {
            throw new AssertionError("The table lacks what was measured");
        }
        return bytes;
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
