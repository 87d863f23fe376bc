// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.callosum.api.Message;
import org.callosum.core.EventSource;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.Subscription;
import org.callosum.core.dispatch.Gaps;
import org.callosum.core.dispatch.Handler;
import org.callosum.core.dispatch.ParkingLimits;
import org.callosum.core.dispatch.QuarantineRule;
import org.callosum.core.dispatch.RouteTable;
import org.callosum.core.dispatch.SerialDispatcher;
import org.callosum.core.dispatch.Settings;
import org.callosum.core.dispatch.Ticker;
import org.callosum.core.dispatch.Whereabouts;
import org.callosum.itests.bench.HangingHandler.Gate;
import org.callosum.itests.bench.HangingHandler.Hang;

/**
 * What handlers that hang do to the others: a hundred that listen to the same event, some of which hang, beside as many as then
 * still get the event, none of which does. The two are measured by turns.
 */
final class HungHandlers {
    /** How many handlers there are. */
    private static final int ALL = 100;

    /** How much of what it would be without hung handlers counts as being back. */
    private static final double BACK = 0.9;

    /** Over how long the rate is taken that has to be back. */
    private static final long WINDOW_NANOS = 50_000_000;

    private static final long SAMPLE_NANOS = 5_000_000;

    /** How many time limits it may take until the rate is back. */
    private static final int PATIENCE = 20;

    /**
     * What is measured.
     *
     * @param hung how many of the handlers hang
     * @param quarantineAfter how many time-outs in a row put a handler into quarantine
     */
    record Case(int hung, Hang hang, int quarantineAfter) {
        /** How many get an event once it flows again: one that hung once does. */
        int getting() {
            return hang == Hang.ALWAYS ? ALL - hung : ALL;
        }

        private String label() {
            return String.format(
                    "%d hang %s", hung, hang == Hang.ALWAYS ? "in every call" : "in their first call, and stay there");
        }

        private QuarantineRule rule() {
            QuarantineRule contract = QuarantineRule.DEFAULT;
            return new QuarantineRule(
                    quarantineAfter,
                    contract.coolDown(),
                    contract.maxCoolDown(),
                    contract.writtenOffEach(),
                    contract.writtenOff());
        }
    }

    /** All that are shown. */
    static final List<Case> CASES = List.of(
            new Case(4, Hang.ONCE, 3),
            new Case(40, Hang.ONCE, 3),
            new Case(4, Hang.ALWAYS, 3),
            new Case(40, Hang.ALWAYS, 3),
            new Case(4, Hang.ALWAYS, 1),
            new Case(40, Hang.ALWAYS, 1));

    /** What came of a case, in all its rounds. */
    private static final class Figures {
        private final List<Double> events = new ArrayList<>();
        private final List<Double> runs = new ArrayList<>();
        private final List<Double> baseEvents = new ArrayList<>();
        private final List<Double> recoverySeconds = new ArrayList<>();
        private int hung;
        private int shown;
    }

    private final Duration limit;
    private final int iterations;
    private final int millis;

    /**
     * Measures with this time limit.
     *
     * @param iterations how often each of the two is measured, by turns
     * @param millis for how long each time
     */
    HungHandlers(Duration limit, int iterations, int millis) {
        this.limit = limit;
        this.iterations = iterations;
        this.millis = millis;
    }

    /** The table. */
    String text(int rounds, List<Case> cases) throws InterruptedException {
        for (Case each : cases) {
            new HungHandlers(limit.dividedBy(4), 1, millis).measure(each, new Figures()); // for the JIT
        }
        Map<Case, Figures> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Case each : cases) {
                measure(each, all.computeIfAbsent(each, some -> new Figures()));
            }
        }
        StringBuilder text = new StringBuilder(String.format(
                        Locale.ROOT,
                        "%n### %d handlers of an event, of which some hang; time limit %.2f s%n%n",
                        ALL,
                        seconds(limit)))
                .append("| hung | quarantine after | get it then | events/s | runs/s | events/s of as many, none hung"
                        + " | ratio | back after, s | in time limits | hung calls, shown where |\n"
                        + "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n");
        all.forEach((each, figures) -> text.append(line(each, figures)));
        return text.toString();
    }

    private String line(Case of, Figures figures) {
        double events = median(figures.events);
        double base = median(figures.baseEvents);
        double recovery = median(figures.recoverySeconds);
        return String.format(
                Locale.ROOT,
                "| %s | %d | %d | %,.0f | %,.0f | %,.0f | %.2f | %.2f | %.2f | %d, %d |%n",
                of.label(),
                of.quarantineAfter(),
                of.getting(),
                events,
                median(figures.runs),
                base,
                events / base,
                recovery,
                recovery / seconds(limit),
                figures.hung,
                figures.shown);
    }

    private void measure(Case of, Figures figures) throws InterruptedException {
        try (Flow base = new Flow(of.getting(), 0, of);
                Flow hung = new Flow(ALL, of.hung(), of)) {
            double before = base.events(millis);
            figures.recoverySeconds.add(hung.recover(BACK * before));
            for (int i = 0; i < iterations; i++) {
                figures.baseEvents.add(base.events(millis));
                long runs = hung.runs();
                long since = System.nanoTime();
                figures.events.add(hung.events(millis));
                figures.runs.add((hung.runs() - runs) * 1e9 / (System.nanoTime() - since));
            }
            figures.hung += hung.gate.hung();
            figures.shown += hung.shown();
        }
    }

    private static double median(List<Double> values) {
        return Results.median(values.stream().sorted().toList());
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    /** A dispatcher that is given events without a pause while somebody measures. */
    private final class Flow implements EventSource, AutoCloseable {
        private final Gate gate = new Gate();
        private final List<HangingHandler> healthy = new ArrayList<>();
        private final List<HangingHandler> services = new ArrayList<>();
        private final SerialDispatcher dispatcher;

        /** Written by the worker that leads. */
        private final AtomicLong polled = new AtomicLong();

        Flow(int handlers, int hung, Case of) {
            List<Handler> all = new ArrayList<>();
            for (int i = 0; i < handlers; i++) {
                boolean hangs =
                        (i + 1) * hung / handlers > i * hung / handlers; // those that do are evenly among the others
                HangingHandler service = new HangingHandler(gate, hangs ? of.hang() : Hang.NEVER);
                services.add(service);
                if (!hangs) {
                    healthy.add(service);
                }
                all.add(CallosumWay.handler(i + 1, "app" + i, new Subscription(Way.TRACT, Way.EVENT), service));
            }
            RouteTable routes = new RouteTable(all);
            dispatcher = new SerialDispatcher(
                    () -> routes,
                    () -> all,
                    (owner, identity) -> Whereabouts.Answer.COMING,
                    new Gaps(InstantSource.system()),
                    new Settings(Settings.DEFAULT.workers(), limit, limit, 20, false, of.rule()),
                    ParkingLimits.DEFAULT,
                    Ticker.SYSTEM,
                    CallosumWay.errorLogger()); // what overran is said as a warning, as it should be
            dispatcher.start();
        }

        @Override
        public Message poll() {
            polled.lazySet(polled.get() + 1);
            return CallosumWay.MESSAGE;
        }

        /** Events a second, for a while. */
        double events(int millis) throws InterruptedException {
            long before = polled.get();
            long since = System.nanoTime();
            dispatcher.follow(this);
            Thread.sleep(millis);
            dispatcher.unfollow(this); // waits for the event under way
            double perSecond = (polled.get() - before) * 1e9 / (System.nanoTime() - since);
            requireAll();
            return perSecond;
        }

        /** Seconds from the first call that hangs until this rate is there; not a number if it does not come. */
        double recover(double eventsPerSecond) {
            record Sample(long nanos, long events) {}
            Deque<Sample> window = new ArrayDeque<>();
            double seconds = Double.NaN;
            long deadline = System.nanoTime() + PATIENCE * limit.toNanos();
            dispatcher.follow(this);
            while (Double.isNaN(seconds) && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(SAMPLE_NANOS);
                if (gate.firstNanos() == 0) {
                    continue;
                }
                Sample now = new Sample(System.nanoTime(), polled.get());
                window.add(now);
                while (now.nanos() - window.peek().nanos() >= WINDOW_NANOS) {
                    Sample first = window.poll();
                    if ((now.events() - first.events()) * 1e9 / (now.nanos() - first.nanos()) >= eventsPerSecond) {
                        seconds = (first.nanos() - gate.firstNanos()) / 1e9;
                        break;
                    }
                }
            }
            dispatcher.unfollow(this);
            requireAll();
            return seconds;
        }

        /**
         * No healthy handler has missed an event, whatever the others did; but for one that a busy machine held up for longer than
         * the time limit, so that it was taken for one that hangs.
         */
        private void requireAll() {
            for (HandlerStatus status : dispatcher.handlers()) {
                HangingHandler handler = services.get((int) status.serviceId() - 1);
                if (!healthy.contains(handler) || handler.calls() == polled.get()) {
                    continue;
                }
                if (status.timedOut() == 0) {
                    throw new IllegalStateException(
                            "A handler that does not hang got " + handler.calls() + " of " + polled + " events");
                }
                System.err.println("The machine is too busy: a handler that does nothing overran its time limit");
            }
        }

        /** How many calls there were. */
        long runs() {
            return services.stream().mapToLong(HangingHandler::calls).sum();
        }

        /** How many of the calls that hang are shown with the place where they do. */
        int shown() {
            return (int) dispatcher.slow().stream()
                    .filter(each -> each.state() == InvocationStatus.State.WRITTEN_OFF)
                    .filter(each -> each.stack().stream().anyMatch(Gate::isPlaceOf))
                    .count();
        }

        @Override
        public void close() {
            gate.open();
            dispatcher.stop();
        }
    }
}
