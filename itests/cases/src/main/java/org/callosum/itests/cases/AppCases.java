// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.callosum.itests.cases.AppJar.Handler;
import org.callosum.itests.cases.Parkings.Parked;
import org.callosum.itests.traffic.Tally;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** An app comes, changes and goes while events flow; its neighbour does not notice. */
public abstract class AppCases extends PathCases {
    static final String NEIGHBOUR = "test.neighbour";

    /** How many events pass while something is away: more than come in a moment. */
    static final int SOME = 500;

    @Test
    public void anAppThatIsInstalledGetsEveryEventFromItsFirstOn() throws Exception {
        flowWithNeighbour();

        bundles.start(AppJar.of("test.late", "1.0.0"));
        awaitMore(SOME, "test.late");
        long last = settle("test.late", NEIGHBOUR);

        Tally late = checker.tally("test.late", last);
        assertClean("test.late", late.lost().count() + 1, last);
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void anUpdateLosesNothing() throws Exception {
        AppJar app = AppJar.of("test.updated", "1.0.0");
        Bundle bundle = bundles.start(app);
        flowWithNeighbour("test.updated");

        for (String version : List.of("1.0.1", "1.1.0", "2.0.0", "1.5.0")) {
            bundle.update(app.inVersion(version).stream());
            awaitVersion("test.updated", version);
        }
        long last = settle("test.updated", NEIGHBOUR);

        assertThat(assertClean("test.updated", 1, last).versions())
                .containsExactly("1.0.0", "1.0.1", "1.1.0", "2.0.0", "1.5.0");
        assertThat(parkings.of(bundle)).extracting(Parked::givenUp).containsOnly(0L);
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void aHandlerThatTheNewVersionHasNoMoreIsNotWaitedFor() throws Exception {
        AppJar app = AppJar.of("test.shrinking", "1.0.0")
                .with(new Handler("stays", "numbered", "sent"), new Handler("goes", "numbered", "*"));
        Bundle bundle = bundles.start(app);
        flowWithNeighbour("stays", "goes");

        bundle.update(app.inVersion("2.0.0").with(new Handler("stays", "numbered", "sent")).stream());
        awaitVersion("stays", "2.0.0");
        awaitMore(SOME, "stays");
        long last = settle("stays", NEIGHBOUR);

        assertClean("stays", 1, last);
        assertInOrder("goes", last);
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void aRefreshLosesNothing() throws Exception {
        Bundle bundle = bundles.start(AppJar.of("test.refreshed", "1.0.0"));
        flowWithNeighbour("test.refreshed");

        bundles.refresh(List.of(bundle));
        awaitMore(SOME, "test.refreshed");
        long last = settle("test.refreshed", NEIGHBOUR);

        assertThat(assertClean("test.refreshed", 1, last).instances()).isEqualTo(2);
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void aRestartLosesNothingHoweverLongItTakesWithinTheLimit() throws Exception {
        Bundle bundle = bundles.start(AppJar.of("test.restarted", "1.0.0"));
        flowWithNeighbour("test.restarted");

        bundle.stop(Bundle.STOP_TRANSIENT);
        awaitMore(SOME, NEIGHBOUR);
        bundle.start(Bundle.START_TRANSIENT);
        awaitMore(SOME, "test.restarted");
        long last = settle("test.restarted", NEIGHBOUR);

        assertClean("test.restarted", 1, last);
        assertThat(parkings.of(bundle).get(0).handedOver()).isGreaterThanOrEqualTo(SOME);
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void anOperatorsStopParksNothing() throws Exception {
        Bundle bundle = bundles.start(AppJar.of("test.stopped", "1.0.0"));
        flowWithNeighbour("test.stopped");

        bundle.stop();
        awaitMore(SOME, NEIGHBOUR);
        bundle.start();
        awaitMore(SOME, "test.stopped");
        long last = settle("test.stopped", NEIGHBOUR);

        assertThat(assertInOrder("test.stopped", last).lost().count()).isGreaterThanOrEqualTo(SOME - 1);
        assertThat(parkings.of(bundle)).isEmpty();
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void anUninstallParksNothing() throws Exception {
        Bundle bundle = bundles.start(AppJar.of("test.uninstalled", "1.0.0"));
        flowWithNeighbour("test.uninstalled");

        bundle.uninstall();
        awaitMore(SOME, NEIGHBOUR);
        long last = settle(NEIGHBOUR);

        assertInOrder("test.uninstalled", last);
        assertThat(parkings.of(bundle)).extracting(Parked::parked).allMatch(parked -> parked == 0);
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void aComponentWhoseConfigurationChangesLosesNothing() throws Exception {
        AppJar app = AppJar.of("test.configured", "1.0.0");
        bundles.start(app);
        flowWithNeighbour("test.configured");

        for (String setting : List.of("loud", "louder", "quiet")) {
            settings.put(app.pid(), Map.of("setting", setting));
            assertThat(checker.awaitSetting("test.configured", setting, Patience.LIMIT))
                    .as("setting '%s' is in effect", setting)
                    .isTrue();
        }
        long last = settle("test.configured", NEIGHBOUR);

        assertThat(assertClean("test.configured", 1, last).settings()).containsExactly("", "loud", "louder", "quiet");
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void anAppThatDoesNotResolveTouchesNobodyAndWorksOnceItDoes() throws Exception {
        flowWithNeighbour();
        Bundle bundle = bundles.install(AppJar.of("test.needy", "1.0.0").importing("test.nowhere"));

        assertThatThrownBy(bundle::start).isInstanceOf(BundleException.class).hasMessageContaining("test.nowhere");
        awaitMore(SOME, NEIGHBOUR);
        bundle.update(AppJar.of("test.needy", "1.0.1").stream());
        bundle.start();
        awaitVersion("test.needy", "1.0.1");
        long last = settle("test.needy", NEIGHBOUR);

        assertInOrder("test.needy", last);
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void anUpdateThatDoesNotResolveLosesNothingWhenAGoodOneFollowsInTime() throws Exception {
        AppJar app = AppJar.of("test.mended", "1.0.0");
        Bundle bundle = bundles.start(app);
        flowWithNeighbour("test.mended");

        updateInVain(bundle, app.inVersion("2.0.0").importing("test.nowhere"));
        awaitMore(SOME, NEIGHBOUR);
        bundle.update(app.inVersion("2.0.1").stream());
        bundle.start(); // an update starts what ran before it, and this did not
        awaitVersion("test.mended", "2.0.1");
        awaitMore(SOME, "test.mended");
        long last = settle("test.mended", NEIGHBOUR);

        assertThat(assertClean("test.mended", 1, last).versions()).containsExactly("1.0.0", "2.0.1");
        assertNeighbourNoticedNothing(last);
    }

    @Test
    public void aJarThatIsCopiedSlowlyIsTakenWhenItIsWhole() throws Exception {
        flowWithNeighbour();
        AppJar app = AppJar.of("test.slow", "1.0.0");
        Path jar = hotDeployed("slow.jar");

        copySlowly(app, jar);
        awaitVersion("test.slow", "1.0.0");
        awaitMore(SOME, "test.slow");
        long first = checker.highest("test.slow");
        copySlowly(app.inVersion("1.0.1"), jar);
        awaitVersion("test.slow", "1.0.1");
        long last = settle("test.slow", NEIGHBOUR);

        assertThat(assertClean("test.slow", first, last).versions()).containsExactly("1.0.0", "1.0.1");
        assertNeighbourNoticedNothing(last);
        Files.delete(jar);
        Patience.await("the app whose jar is gone is uninstalled", () -> bundles.find("test.slow")
                .isEmpty());
    }

    /** Events flow, and the neighbour and these handlers have got some. */
    final void flowWithNeighbour(String... handlers) throws Exception {
        bundles.start(AppJar.of(NEIGHBOUR, "1.0.0"));
        flow(NEIGHBOUR);
        awaitMore(1, handlers);
    }

    /** It had every event from the first to the last, and was never touched. */
    final void assertNeighbourNoticedNothing(long last) {
        assertThat(assertClean(NEIGHBOUR, 1, last).instances())
                .as("objects that the neighbour's component had")
                .isEqualTo(1);
    }

    /** Some frameworks say that the new version does not start by an exception, others by an event. */
    private static void updateInVain(Bundle bundle, AppJar bad) {
        try {
            bundle.update(bad.stream());
        } catch (BundleException e) {
            assertThat(e).hasMessageContaining("test.nowhere");
        }
        assertThat(bundle.getState()).isEqualTo(Bundle.INSTALLED);
    }

    /** In four pieces; as many events as come in a second pass between two of them. */
    private void copySlowly(AppJar app, Path jar) throws Exception {
        byte[] bytes = app.bytes();
        int piece = bytes.length / 4 + 1;
        Files.write(jar, new byte[0]);
        for (int start = 0; start < bytes.length; start += piece) {
            Files.write(
                    jar,
                    Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + piece)),
                    StandardOpenOption.APPEND);
            awaitMore(EVENTS_PER_SECOND, NEIGHBOUR);
        }
    }
}
