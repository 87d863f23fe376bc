// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.callosum.core.Dispatcher;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.update.UpdateReport.Parked;

/** What the core parked for bundles that a change stopped, and the handlers that it cannot get rid of. */
final class Absences {
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final Supplier<Optional<Dispatcher>> dispatcher;

    /** Asks the dispatcher that is there at the moment, if there is one. */
    Absences(Supplier<Optional<Dispatcher>> dispatcher) {
        this.dispatcher = dispatcher;
    }

    /**
     * What was parked for these bundles since a moment. Waits until all of it is handed over or given up. An interrupt ends
     * the waiting, and stays.
     *
     * @param startNanos the moment, by {@link System#nanoTime}
     * @param limit how long it waits at most
     */
    List<Parked> await(Set<Long> bundles, long startNanos, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        List<Parked> parked = of(bundles, startNanos);
        try {
            while (System.nanoTime() < end && !parked.stream().allMatch(Parked::isOver)) {
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos()); // the core counts, and tells nobody
                parked = of(bundles, startNanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return parked;
    }

    /** What is to be said of each worker whose handler overran and still runs, by the thread's name. */
    Map<String, String> hungHandlers() {
        return dispatcher
                .get()
                .map(each -> each.slow().stream()
                        .filter(slow -> slow.state() == InvocationStatus.State.WRITTEN_OFF)
                        .collect(Collectors.toMap(InvocationStatus::thread, Absences::hung, (first, second) -> first)))
                .orElse(Map.of());
    }

    private List<Parked> of(Set<Long> bundles, long startNanos) {
        Dispatcher core = dispatcher.get().orElse(null);
        List<ParkedStatus> all = new ArrayList<>();
        if (core != null) {
            all.addAll(core.parked());
            all.addAll(core.parkedBefore()); // behind those that are: one that ends meanwhile is in both, not in none
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
        List<Parked> parked = new ArrayList<>();
        for (ParkedStatus each : all) {
            if (bundles.contains(each.bundleId()) && each.since().compareTo(elapsed) <= 0) {
                parked.add(new Parked(
                        each.app(),
                        each.bundleId(),
                        each.state() == ParkedStatus.State.DONE,
                        each.away(),
                        each.parked(),
                        each.handedOver(),
                        each.givenUp()));
            }
        }
        return parked;
    }

    private static String hung(InvocationStatus overrun) {
        return "handler " + overrun.app() + "/" + overrun.handler() + " overran on " + overrun.tract() + "/"
                + overrun.event() + " and has run for " + overrun.running().toSeconds() + " s";
    }
}
