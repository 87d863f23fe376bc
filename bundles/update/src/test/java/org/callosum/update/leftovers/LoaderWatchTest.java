// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.lang.ref.Reference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.update.BundleVersion;
import org.callosum.update.leftovers.LoaderWatch.Watched;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class LoaderWatchTest {
    private static final BundleVersion A = new BundleVersion(1, "a", "a", "1.0.0");
    private static final BundleVersion B = new BundleVersion(2, "b", "b", "1.0.0");

    @Test
    void whatNobodyRefersToIsCollectedAndTheRestIsNot() throws Exception {
        LoaderWatch watch = new LoaderWatch(System::gc, 5, Duration.ofMillis(10));
        OldVersion held = new OldVersion();
        watch.add(A, held);
        addForgotten(watch);

        watch.await();

        assertThat(watch.watched())
                .extracting(Watched::bundle, Watched::isCollected)
                .containsExactly(tuple(A, false), tuple(B, true));
        assertThat(watch.watched().get(0).get()).isSameAs(held);
        Reference.reachabilityFence(held);
    }

    @Test
    void whatStaysIsNotLookedForForEver() throws Exception {
        AtomicInteger collections = new AtomicInteger();
        LoaderWatch watch = new LoaderWatch(collections::incrementAndGet, 3, Duration.ofMillis(1));
        OldVersion held = new OldVersion();
        watch.add(A, held);

        watch.await();

        assertThat(collections).hasValue(3);
        assertThat(watch.collections()).isEqualTo(3);
        Reference.reachabilityFence(held);
    }

    @Test
    void withNothingToLookForNothingIsCollected() throws Exception {
        LoaderWatch watch = new LoaderWatch(
                () -> {
                    throw new AssertionError("a collection for nothing");
                },
                3,
                Duration.ofMillis(1));

        watch.await();

        assertThat(watch.collections()).isZero();
    }

    /** In a method of its own, so that no frame refers to it. */
    private static void addForgotten(LoaderWatch watch) {
        watch.add(B, new OldVersion());
    }
}
