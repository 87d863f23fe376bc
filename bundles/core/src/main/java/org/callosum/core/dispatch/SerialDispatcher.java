// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.core.AbsentComponent;
import org.callosum.core.DelayStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.EventSource;
import org.callosum.core.Explanation;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.LatencyStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.core.RuntimeListener;
import org.callosum.core.Subscription;
import org.callosum.core.Trace;
import org.osgi.service.log.Logger;

/**
 * Dispatches one event after the other: the contract of {@code dispatch.md}.
 *
 * <p><b>Threads.</b> Any thread may call any method. Foreign code runs on {@link Workers} alone. A handler that dispatches is
 * refused, because its own event could not end before the new one began.
 */
public final class SerialDispatcher implements Dispatcher {
    /** How a handler leaves. */
    public enum Departure {
        /** It does not come back, as far as anybody knows. */
        FOR_GOOD,
        /** Its bundle is updated, refreshed or restarted. */
        WITH_BUNDLE,
        /** Its bundle goes on: its component is replaced. */
        ALONE
    }

    private final Supplier<RouteTable> routes;
    private final Supplier<Collection<Handler>> handlers;
    private final Workers workers;
    private final Gaps gaps;
    private final Parking parking;
    private final Delays delays;
    private final Explainer explainer;
    private final Whereabouts whereabouts;
    private final Traces traces;
    private final Admission admission;
    private final Agenda agenda;
    private final ParkingWatch watch;
    private final RateWatch rates;
    private final Ticker ticker;
    private final Reports reports;
    private final Facts facts;

    /** Guards start and stop against each other. */
    private final Object life = new Object();

    /**
     * Makes a dispatcher, stopped.
     *
     * @param routes the routes that hold when an event is dispatched; asked once for each
     * @param handlers all handlers there are, malformed ones included
     * @param whereabouts knows of handlers that are away
     * @param gaps what handlers have to be told
     */
    public SerialDispatcher(
            Supplier<RouteTable> routes,
            Supplier<Collection<Handler>> handlers,
            Whereabouts whereabouts,
            Gaps gaps,
            Settings settings,
            ParkingLimits limits,
            Ticker ticker,
            Logger logger) {
        this.routes = routes;
        this.handlers = handlers;
        this.gaps = gaps;
        this.reports = new Reports(logger);
        this.facts = new Facts(reports);
        this.parking = new Parking(limits, gaps, facts, ticker, reports);
        this.admission = new Admission(routes, parking);
        this.agenda = new Agenda(admission);
        HandlerCall call = new HandlerCall(gaps, facts, ticker, InstantSource.system(), reports);
        this.delays = new Delays(InstantSource.system());
        this.whereabouts = whereabouts;
        this.explainer = new Explainer(routes, handlers, parking, whereabouts);
        this.traces = new Traces(routes, parking, ticker, InstantSource.system());
        RunLoop loop = new RunLoop(agenda, agenda::source, parking, call, delays, traces, ticker, reports);
        this.workers = new Workers(
                loop,
                settings,
                parking,
                call,
                delays,
                new HoldUp(agenda::source),
                ticker,
                InstantSource.system(),
                reports);
        loop.use(workers);
        this.ticker = ticker;
        this.rates = new RateWatch(handlers, ticker);
        this.watch = new ParkingWatch(
                parking, whereabouts, workers::prepare, this::handOver, this::tryOut, this::hasLive, ticker, reports);
    }

    /** Has this one told what happens to handlers. */
    public void report(RuntimeListener listener) {
        facts.listener(listener);
    }

    /** Applies other settings, at once. */
    public void apply(Settings settings, ParkingLimits limits) {
        workers.apply(settings);
        parking.apply(limits);
    }

    @Override
    public int dispatch(Message message) {
        if (workers.isWorker()) {
            throw new IllegalStateException("A handler dispatched " + message
                    + ": its own event would have to end before this one begins, so it would wait for itself;"
                    + " emit the message instead");
        }
        Once once = new Once(message);
        agenda.await(once, workers::wake);
        return once.invoked;
    }

    /** One event that somebody waits for. */
    private final class Once implements Agenda.Work {
        private final Message message;
        private boolean isAdmitted;

        /** Seen by who waits, once it is over. */
        private int invoked;

        Once(Message message) {
            this.message = message;
        }

        @Override
        public Dispatch next() {
            if (isAdmitted || agenda.isLetBefore()) {
                return null;
            }
            isAdmitted = true;
            return admission.admit(message, dispatch -> invoked = dispatch.invoked());
        }
    }

    @Override
    public void follow(EventSource source) {
        agenda.follow(source);
        workers.wake();
    }

    @Override
    public void unfollow(EventSource source) {
        if (agenda.follows(source)) {
            agenda.follow(null);
            if (!workers.isWorker()) { // a handler would wait for its own event
                agenda.await(() -> null, workers::wake);
            }
        }
    }

    @Override
    public Optional<Message> handling() {
        return Optional.ofNullable(Worker.current()).map(Worker::handling);
    }

    @Override
    public boolean concerns(String tract, String event) {
        return !parking.isEmpty() || !routes.get().match(tract, event).isEmpty() || !traces.isOff();
    }

    @Override
    public void wake() {
        workers.wake();
    }

    /**
     * Takes a handler that came, and is in the routes already: its service is got ahead of its first event, on a worker, under
     * the time limit, and what was parked for it is handed over. A malformed one gets nothing, but is not waited for any more.
     * Does not wait.
     */
    public void arrived(Handler handler) {
        parking.arrive(handler); // first: a service that cannot be had makes it absent, which an arrival would end
        if (handler.registration().problem().isEmpty()) {
            workers.prepare(handler);
        }
    }

    /**
     * Is told that a handler is about to leave, while it is still in the routes: from now on events for it are parked, if it
     * will be back. Does not wait.
     */
    public void leaving(Handler handler, Departure departure) {
        if (departure == Departure.FOR_GOOD) {
            parking.tellMissed(); // not after it is forgotten
            gaps.forget(handler);
        } else {
            parking.leave(handler, departure == Departure.WITH_BUNDLE);
        }
    }

    /**
     * Ends handlers that have left the routes: when it returns, nothing of them is called any more, and their services are
     * given back. Waits for their running invocations, up to the time limit in all; then they are interrupted. May be called
     * for a handler again, and by several threads at once: each waits.
     */
    public void close(Collection<Handler> leaving) {
        workers.close(leaving);
        leaving.forEach(parking::closed);
        leaving.forEach(Handler::release);
    }

    /** Is told that a bundle is uninstalled. */
    public void forget(long bundleId) {
        parking.tellMissed();
        gaps.forget(bundleId);
    }

    @Override
    public void lost(Message message, Gap.Reason reason) {
        gaps.add(routes.get().match(message), reason);
    }

    @Override
    public void lost(Gap gap) {
        handlers.get().forEach(handler -> gaps.add(handler, gap));
        parking.away().forEach(handler -> gaps.add(handler, gap));
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
            agenda.open();
            workers.wake();
            return;
        }
        synchronized (life) {
            if (!agenda.isOpen()) {
                boolean isStarted = false;
                try {
                    startAll();
                    isStarted = true;
                } finally {
                    if (!isStarted) { // there may have been no thread to be had
                        stopAll();
                    }
                }
            }
        }
    }

    private void startAll() {
        agenda.open();
        reports.start(); // these two first, and last below: all the others tell them
        facts.start();
        workers.start();
        watch.start();
        rates.start();
        handlers.get().forEach(workers::prepare);
    }

    @Override
    public void stop() {
        agenda.close();
        if (workers.isWorker()) {
            // A handler stops its own dispatcher: it cannot wait for itself. Its dispatch ends as any other.
            return;
        }
        synchronized (life) {
            stopAll();
        }
    }

    private void stopAll() {
        agenda.close(); // somebody may have started it before this had its turn
        rates.stop();
        watch.stop();
        workers.stop();
        agenda.close(); // or a handler that ran until now: nobody is left to do what was asked for
        traces.closeAll();
        facts.stop();
        reports.stop();
    }

    @Override
    public boolean isRunning() {
        return agenda.isOpen();
    }

    @Override
    public List<HandlerStatus> handlers() {
        delays.sum();
        long now = ticker.nanos();
        Stream<HandlerStatus> there = handlers.get().stream()
                .map(handler -> handler.status(
                        workers.running(handler),
                        now,
                        false,
                        parking.quarantines().reasonOf(handler)));
        Stream<HandlerStatus> away =
                parking.away().stream().map(handler -> handler.status(workers.running(handler), now, true, ""));
        return Stream.concat(there, away)
                .sorted(Comparator.comparingLong(HandlerStatus::serviceId))
                .toList();
    }

    @Override
    public List<LatencyStatus> latencies() {
        return Stream.concat(handlers.get().stream(), parking.away().stream())
                .sorted(Comparator.comparingLong(Handler::serviceId))
                .map(Handler::latency)
                .toList();
    }

    @Override
    public List<InvocationStatus> slow() {
        return workers.slow();
    }

    @Override
    public Duration underWay() {
        return workers.underWay();
    }

    /** How often the watchdog has looked; for tests, which let time pass. */
    int looks() {
        return workers.looks();
    }

    @Override
    public List<DelayStatus> delays() {
        return delays.longest();
    }

    @Override
    public void release(long serviceId) {
        Handler handler = handlerOf(serviceId);
        if (workers.writtenOff(handler) > 0) {
            throw new IllegalStateException(handler.label() + " cannot be released: an invocation of it that overran is"
                    + " still alive. 'running' shows where; update its app, or wait until it has ended");
        }
        if (!parking.quarantines().release(handler)) {
            throw new IllegalStateException(handler.label() + " is in no quarantine");
        }
        handler.timeoutsInARow = 0;
    }

    @Override
    public void quarantine(long serviceId) {
        Handler handler = handlerOf(serviceId);
        if (!handler.registration().problem().isEmpty()) {
            throw new IllegalStateException(handler.label() + " is not called anyway: "
                    + handler.registration().problem());
        }
        if (!parking.quarantines().beginByHand(handler)) {
            throw new IllegalStateException(
                    isRunning()
                            ? handler.label()
                                    + " is in the middle of an update: 'parked' shows it; try again when it is over"
                            : "The dispatcher is stopped: it calls nobody");
        }
    }

    private Handler handlerOf(long serviceId) {
        return handlers.get().stream()
                .filter(each -> each.serviceId() == serviceId)
                .findAny()
                .orElseThrow(() -> new IllegalStateException(
                        "There is no handler with the service id " + serviceId + ": 'handlers' lists them"));
    }

    @Override
    public Explanation explain(Message message) {
        return explainer.explain(message);
    }

    @Override
    public List<AbsentComponent> absentComponents() {
        return whereabouts.absentComponents();
    }

    @Override
    public Trace trace(Subscription names, int events, boolean withMessages) {
        return traces.open(names, events, withMessages);
    }

    @Override
    public void emitted(Message message) {
        Worker worker = Worker.current();
        if (worker != null && worker.traced != null) {
            worker.traced.emitted(message);
        }
    }

    @Override
    public List<ParkedStatus> parked() {
        return parking.status();
    }

    @Override
    public List<ParkedStatus> parkedBefore() {
        return parking.statusBefore();
    }

    /** Hands some events of an app that is back over; other events have their turn in between. */
    private void handOver(ParkedApp app) {
        agenda.await(admission.handOver(app), workers::wake);
    }

    private void tryOut(ParkedApp app) {
        if (parking.quarantines()
                .due(app)
                .filter(handler -> workers.writtenOff(handler) == 0)
                .isPresent()) {
            agenda.await(admission.tryOut(app), workers::wake);
        }
    }

    private boolean hasLive(ParkedApp app) {
        return handlers.get().stream().anyMatch(app::isFor);
    }
}
