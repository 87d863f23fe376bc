// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import org.callosum.api.EventContext;
import org.callosum.api.Message;

/**
 * The original's dispatcher, in Java: looks up the four groups, gives each handler to a pool of four threads, and waits for one
 * after the other, 30 s each; on the thread that reads the bus.
 */
final class PoolWay implements Way {
    private record Key(String tract, String event) {}

    private final Map<Key, List<CountingHandler>> routes = new HashMap<>();
    private final ExecutorService pool = Executors.newFixedThreadPool(4);

    PoolWay(List<CountingHandler> handlers, int idle) {
        routes.put(new Key(TRACT, EVENT), handlers);
        for (int i = 0; i < idle; i++) {
            routes.put(new Key("idle" + i, EVENT), List.of(new CountingHandler(Work.NONE)));
        }
    }

    @Override
    public void hand(int events) throws InterruptedException {
        for (int i = 0; i < events; i++) {
            dispatch(CallosumWay.MESSAGE);
        }
    }

    private void dispatch(Message message) throws InterruptedException {
        EventContext context = new EventContext(message, "app");
        List<Future<?>> runs = Stream.of(
                        new Key(message.tract(), message.event()),
                        new Key(message.tract(), "*"),
                        new Key("*", message.event()),
                        new Key("*", "*"))
                .flatMap(key -> routes.getOrDefault(key, List.of()).stream())
                .<Future<?>>map(handler -> pool.submit(() -> handler.handle(context)))
                .toList();
        for (Future<?> run : runs) {
            try {
                run.get(30, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError("A handler that counts failed", e);
            }
        }
    }

    @Override
    public void close() {
        pool.shutdown();
    }
}
