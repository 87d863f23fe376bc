// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.callosum.update.Leftover;
import org.callosum.update.Leftover.Holder;
import org.callosum.update.UpdateReport.Search;
import org.osgi.framework.Bundle;

/**
 * Looks for what is left of the versions that one change replaces: made before it, asked after it. Not safe for use by several
 * threads.
 */
public final class Leftovers {
    private static final String CONCURRENT = "-XX:+ExplicitGCInvokesConcurrent";

    private static final String HIDDEN =
            "what threads run and their thread locals cannot be looked at: start the JVM with " + JavaLang.OPTION;

    private final LoaderWatch watch;
    private final Set<Long> threadsBefore;
    private Duration waited = Duration.ZERO;

    /** Of the versions that these bundles are now. */
    public static Leftovers of(List<Bundle> bundles) {
        return new Leftovers(bundles, watch());
    }

    /**
     * More than one collection: what the first frees may be what held the next, and retired threads end in a moment. One that
     * stops the JVM finds all that is dead, and delays everybody. A concurrent one delays nobody, and finds no dead class
     * loader before it has grown old, for which it takes up to 15.
     */
    private static LoaderWatch watch() {
        boolean isConcurrent =
                ManagementFactory.getRuntimeMXBean().getInputArguments().contains(CONCURRENT);
        return isConcurrent
                ? new LoaderWatch(System::gc, 20, Duration.ofMillis(100))
                : new LoaderWatch(System::gc, 5, Duration.ofMillis(400));
    }

    Leftovers(List<Bundle> bundles, LoaderWatch watch) {
        this.watch = watch;
        this.threadsBefore =
                Thread.getAllStackTraces().keySet().stream().map(Thread::getId).collect(Collectors.toUnmodifiableSet());
        bundles.forEach(watch::add);
    }

    /**
     * Collects the garbage, several times if need be, and looks for what holds what is not collected then. An interrupt ends
     * the waiting, and stays.
     *
     * @param hungHandlers what is to be said of workers of the runtime that a handler overran on, by their threads' names
     */
    public List<Leftover> find(Map<String, String> hungHandlers) {
        long start = System.nanoTime();
        try {
            watch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        waited = Duration.ofNanos(System.nanoTime() - start);
        var holders = new LoaderHolders(JavaLang.open().orElse(null), hungHandlers, threadsBefore);
        List<Leftover> leftovers = new ArrayList<>();
        for (LoaderWatch.Watched each : watch.watched()) {
            ClassLoader loader = each.get(); // a frame's reference: gone when this method has returned
            List<Holder> found = loader == null ? List.of() : holders.find(loader);
            leftovers.add(new Leftover(each.bundle(), loader == null, found));
        }
        return leftovers;
    }

    /** How it was looked. */
    public Search search() {
        return new Search(
                waited, watch.collections(), JavaLang.open().isPresent() ? Optional.empty() : Optional.of(HIDDEN));
    }
}
