// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** For whom something is parked: a whole bundle, or one component of it. */
class ParkedAppsTest {
    private final ReentrantLock lock = new ReentrantLock();
    private final ManualTicker ticker = new ManualTicker();
    private final ParkedApps apps =
            new ParkedApps(new ParkedRoutes(new Gaps(InstantSource.system())), lock.newCondition(), ticker);
    private final Handlers handlers = new Handlers();
    private final Handler handler = handlers.add("app", "One", 0, "a", "b", () -> null);
    private final Handler sibling = handlers.add("app", "Two", 0, "a", "b", () -> null);
    private final Handler stranger = handlers.add("other", "One", 0, "a", "b", () -> null);

    @BeforeEach
    void lock() {
        lock.lock();
    }

    @AfterEach
    void unlock() {
        lock.unlock();
    }

    @Test
    void whatIsParkedForABundleIsForEachOfItsHandlers() {
        ParkedApp app = apps.obtain(handler, null);

        assertThat(apps.of(handler)).isSameAs(app);
        assertThat(apps.of(sibling)).isSameAs(app);
        assertThat(apps.of(stranger)).isNull();
        assertThat(apps.obtain(sibling, sibling.identity())).as("no second one").isSameAs(app);
    }

    @Test
    void whatIsParkedForAComponentIsForThatAloneAlsoBesideItsBundle() {
        ParkedApp alone = apps.obtain(handler, handler.identity());
        assertThat(apps.of(sibling)).isNull();
        ParkedApp bundle = apps.obtain(sibling, null);

        assertThat(apps.of(handler)).isSameAs(alone);
        assertThat(apps.of(sibling)).isSameAs(bundle);
        assertThat(apps.all()).containsExactly(alone, bundle);
    }

    @Test
    void whoIsAwayIsFoundByTheMessageAndWhoIsBackIsKnown() {
        assertThat(apps.isEmpty()).isTrue();
        leave(handler);
        assertThat(apps.isEmpty()).isFalse();
        assertThat(apps.someAreBack()).isFalse();
        assertThat(apps.awayFor(TestDispatcher.message("a", "b"))).containsExactly(handler);
        assertThat(apps.awayFor(TestDispatcher.message("a", "c"))).isEmpty();

        apps.of(handler).arrive(handler, ticker.nanos());
        apps.changedAway();

        assertThat(apps.someAreBack()).isTrue();
        assertThat(apps.awayFor(TestDispatcher.message("a", "b"))).isEmpty();
    }

    @Test
    void whoIsBackAndHasNoEventLeftIsFinishedAndRememberedTheLatestFirst() {
        ParkedApp first = leave(handler);
        ParkedApp second = leave(stranger);
        ParkedApp away = leave(sibling);
        first.arrive(handler, ticker.nanos());
        second.arrive(stranger, ticker.nanos());

        assertThat(apps.removeFinished()).containsExactly(first, second);

        assertThat(apps.all()).containsExactly(away);
        assertThat(apps.before()).containsExactly(second, first);
        assertThat(apps.has(first)).isFalse();
        assertThat(apps.has(away)).isTrue();
    }

    private ParkedApp leave(Handler leaving) {
        ParkedApp app = apps.obtain(leaving, leaving.identity());
        app.leave(leaving, ticker.nanos());
        apps.changedAway();
        return app;
    }
}
