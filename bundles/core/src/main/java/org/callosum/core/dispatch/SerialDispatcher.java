// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.callosum.api.Message;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.OverrunStatus;
import org.osgi.service.log.Logger;

/**
 * Dispatches one event after the other: the contract of {@code dispatch.md}.
 *
 * <p><b>Threads.</b> Any thread may dispatch; the lock lets one event through at a time, in the order in which they came. It
 * is held while the workers run handlers, but never by a worker: a handler that dispatches is refused, because its own
 * event could not end before the new one began.
 */
public final class SerialDispatcher implements Dispatcher {
    private final Supplier<RouteTable> routes;
    private final Supplier<Collection<Handler>> handlers;
    private final Workers workers;

    /** Held during a dispatch, and by the stop that waits for it. Fair: nobody's event waits for ever. */
    private final ReentrantLock oneAtATime = new ReentrantLock(true);

    private volatile boolean running;

    /**
     * Makes a dispatcher, stopped.
     *
     * @param routes the routes that hold when an event is dispatched; asked once for each
     * @param handlers all handlers there are, malformed ones included
     */
    public SerialDispatcher(
            Supplier<RouteTable> routes,
            Supplier<Collection<Handler>> handlers,
            Settings settings,
            Ticker ticker,
            Logger logger) {
        this.routes = routes;
        this.handlers = handlers;
        this.workers = new Workers(settings, ticker, logger);
    }

    /** Applies other settings, at once. */
    public void apply(Settings settings) {
        workers.apply(settings);
    }

    @Override
    public int dispatch(Message message) {
        if (workers.isWorker()) {
            throw new IllegalStateException("A handler dispatched " + message
                    + ": its own event would have to end before this one begins, so it would wait for itself;"
                    + " emit the message instead");
        }
        oneAtATime.lock();
        try {
            if (!running) {
                return 0;
            }
            List<Handler> matching = routes.get().match(message.tract(), message.event());
            return matching.isEmpty() ? 0 : workers.run(new Dispatch(message, matching));
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Gets a handler's service ahead of its first event, on a worker, under the time limit. Does not wait. */
    public void prepare(Handler handler) {
        workers.prepare(handler);
    }

    /**
     * Ends a handler: when it returns, nothing of it is called any more, and its service is given back. Waits for its running
     * invocations, up to the time limit each; then they are interrupted.
     */
    public void close(Handler handler) {
        workers.close(handler);
        handler.release();
    }

    @Override
    public int handlerCount() {
        return (int) handlers.get().stream()
                .filter(handler -> handler.registration().problem().isEmpty())
                .count();
    }

    @Override
    public void start() {
        if (workers.isWorker()) {
            // A handler takes back that it stopped its dispatcher: the workers never ended, for it is one of them.
            running = true;
            return;
        }
        oneAtATime.lock();
        try {
            if (!running) {
                workers.start();
                running = true;
                handlers.get().forEach(workers::prepare);
            }
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public void stop() {
        running = false;
        if (workers.isWorker()) {
            // A handler stops its own dispatcher: it cannot wait for itself. Its dispatch ends as any other.
            return;
        }
        oneAtATime.lock();
        try {
            workers.stop();
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public List<HandlerStatus> handlers() {
        return handlers.get().stream()
                .sorted(Comparator.comparingLong(Handler::serviceId))
                .map(handler -> handler.status(workers.running(handler)))
                .toList();
    }

    @Override
    public List<OverrunStatus> overruns() {
        return workers.overruns();
    }
}
