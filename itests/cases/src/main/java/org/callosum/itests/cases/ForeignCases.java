// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.util.List;
import java.util.Map;

import org.callosum.itests.traffic.Tally;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

import static org.assertj.core.api.Assertions.assertThat;

/** An app does to itself what an operator does to apps, while it handles an event; its neighbour does not notice. */
public abstract class ForeignCases extends AppCases {
    private static final String WILFUL = "test.wilful";
    private static final String BORROWING = "test.borrowing";

    @Test
    public void aHandlerThatStopsItsOwnBundleRunsToItsEndAndIsCalledNoMore() throws Exception {
        Bundle bundle = bundles.start(AppJar.of(WILFUL, "1.0.0").wilful());
        flowWithNeighbour(WILFUL);

        assertThat(done(bundle::stop)).isNull();
        awaitState(bundle, Bundle.RESOLVED);
        awaitMore(SOME, NEIGHBOUR);
        long last = settle(NEIGHBOUR);

        assertClean(WILFUL, 1, checker.highest(WILFUL));
        assertThat(checker.highest(WILFUL)).isLessThan(last - SOME);
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void aHandlerThatUpdatesItsOwnBundleLosesNothing() throws Exception {
        AppJar app = AppJar.of(WILFUL, "1.0.0").wilful();
        Bundle bundle = bundles.start(app);
        flowWithNeighbour(WILFUL);

        assertThat(done(() -> {
                    // Felix's SCR looks there for an XML parser, and a handler's is that of the version that goes.
                    Thread.currentThread().setContextClassLoader(null);
                    bundle.update(app.inVersion("2.0.0").stream());
                }))
                .isNull();
        awaitVersion(WILFUL, "2.0.0");
        awaitMore(SOME, WILFUL);
        long last = settle(WILFUL, NEIGHBOUR);

        assertThat(assertClean(WILFUL, 1, last).versions()).containsExactly("1.0.0", "2.0.0");
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void aHandlerThatUninstallsItsOwnBundleRunsToItsEndAndIsCalledNoMore() throws Exception {
        Bundle bundle = bundles.start(AppJar.of(WILFUL, "1.0.0").wilful());
        flowWithNeighbour(WILFUL);

        assertThat(done(bundle::uninstall)).isNull();
        awaitMore(SOME, NEIGHBOUR);
        long last = settle(NEIGHBOUR);

        assertThat(bundle.getState()).isEqualTo(Bundle.UNINSTALLED);
        assertClean(WILFUL, 1, checker.highest(WILFUL));
        assertThat(checker.highest(WILFUL)).isLessThan(last - SOME);
        assertNeighbourNoticedNothing(last);
    }

    /** The refresh waits for the handler, which waits for the refresh. */
    @Test
    public void aHandlerThatWaitsForTheRefreshOfItsOwnBundleIsInterruptedWhenItsTimeIsUp() throws Exception {
        settings.put(CORE, Map.of("timeoutMillis", 500));
        Bundle bundle = bundles.start(AppJar.of(WILFUL, "1.0.0").wilful());
        flowWithNeighbour(WILFUL);

        Exception end = done(() -> bundles.refresh(List.of(bundle)));
        awaitMore(SOME, WILFUL);
        long last = settle(WILFUL, NEIGHBOUR);

        assertThat(end).isInstanceOf(InterruptedException.class);
        assertThat(assertClean(WILFUL, 1, last).instances()).isEqualTo(2);
        assertNeighbourNoticedNothing(last);
    }

    /** Half-way through the update of a library its new version lacks what the app needs. */
    @Test
    public void aClassThatAnAppCannotLinkIsAFailureOfEachEventUntilItCan() throws Exception {
        Bundle library = bundles.install(LibraryJar.NAME, new LibraryJar("1.0.0", true).stream());
        library.start();
        bundles.start(AppJar.of(BORROWING, "1.0.0").borrowing());
        flowWithNeighbour(BORROWING);

        library.update(new LibraryJar("1.1.0", false).stream());
        awaitMore(SOME, BORROWING); // which has the old library until both are refreshed
        assertClean(BORROWING, 1, checker.highest(BORROWING));
        bundles.refresh(List.of(library));
        awaitMore(1, BORROWING + ".failed");
        library.update(new LibraryJar("1.1.1", true).stream());
        bundles.refresh(List.of(library));
        awaitMore(SOME, BORROWING);
        long last = settle(BORROWING, NEIGHBOUR);

        Tally handled = assertInOrder(BORROWING, last);
        Tally failed = assertInOrder(BORROWING + ".failed", last);
        assertThat(handled.lost().count())
                .as("each event was handled or failed")
                .isEqualTo(last - failed.lost().count())
                .isPositive();
        assertNeighbourNoticedNothing(last);
    }

    /** Has the wilful app do something while it handles an event, and waits until that is done; how it failed. */
    private Exception done(Deed.Action action) throws InterruptedException {
        try (Deed deed = new Deed(FrameworkUtil.getBundle(getClass()).getBundleContext(), WILFUL, action)) {
            return deed.await();
        }
    }
}
