// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.callosum.update.BundleVersion;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/**
 * The class loaders of versions that are about to be replaced, and whether they are collected then. Holds none of them.
 *
 * <p>Not safe for use by several threads.
 */
final class LoaderWatch {
    private final Runnable collector;
    private final int maxCollections;
    private final Duration pause;

    private final ReferenceQueue<ClassLoader> queue = new ReferenceQueue<>();
    private final List<Watched> watched = new ArrayList<>();
    private int collections;

    /** A version's class loader, as long as anybody refers to it. */
    static final class Watched extends WeakReference<ClassLoader> {
        private final BundleVersion bundle;
        private boolean isCollected;

        private Watched(BundleVersion bundle, ClassLoader loader, ReferenceQueue<ClassLoader> queue) {
            super(loader, queue);
            this.bundle = bundle;
        }

        BundleVersion bundle() {
            return bundle;
        }

        boolean isCollected() {
            return isCollected;
        }
    }

    /**
     * Watches nothing yet.
     *
     * @param collector collects the garbage
     * @param maxCollections how often at most
     * @param pause how long it waits, after each collection, for what is still referred to
     */
    LoaderWatch(Runnable collector, int maxCollections, Duration pause) {
        this.collector = collector;
        this.maxCollections = maxCollections;
        this.pause = pause;
    }

    /** Watches the class loader that the bundle has now; does nothing if it has none. */
    void add(Bundle bundle) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        ClassLoader loader = wiring == null ? null : wiring.getClassLoader();
        if (loader != null) { // a fragment has none
            add(BundleVersion.of(bundle), loader);
        }
    }

    void add(BundleVersion bundle, ClassLoader loader) {
        watched.add(new Watched(bundle, loader, queue));
    }

    /** Collects the garbage, several times if need be, until all class loaders are collected, or enough is enough. */
    void await() throws InterruptedException {
        while (collections < maxCollections && watched.stream().anyMatch(each -> !each.isCollected)) {
            collections++;
            collector.run();
            for (Reference<?> next = queue.remove(pause.toMillis()); next != null; next = queue.poll()) {
                ((Watched) next).isCollected = true;
            }
        }
    }

    /** How often the garbage was collected. */
    int collections() {
        return collections;
    }

    /** All that are watched, in the order in which they were added. */
    List<Watched> watched() {
        return watched;
    }
}
