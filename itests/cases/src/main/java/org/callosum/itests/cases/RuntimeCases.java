// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.util.List;
import java.util.Map;

import org.callosum.itests.traffic.Tally;
import org.junit.Test;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * All cases; here are those in which parts of the runtime itself go and come back. What is lost meanwhile is said, and where
 * nothing may be lost that is asserted.
 */
public abstract class RuntimeCases extends ForeignCases {
    private static final String APP = "test.steady";
    private static final String OTHER = "test.other";

    @Test
    public void aRestartOfTheCoreUnderTrafficLosesNothing() throws Exception {
        startTwoApps();
        flow(APP, OTHER);
        Bundle core = bundles.named(CORE);

        core.stop();
        core.start();
        awaitMore(500, APP, OTHER);
        long last = settle(APP, OTHER);

        for (String app : List.of(APP, OTHER)) {
            assertThat(assertClean(app, 1, last).instances())
                    .as("objects that the app's component had")
                    .isEqualTo(2);
        }
    }

    @Test
    public void whatComesWhileTheCoreIsAwayIsHandledWhenItIsBack() throws Exception {
        startTwoApps();
        flow(APP, OTHER);
        settle(APP, OTHER);
        Bundle core = bundles.named(CORE);

        core.stop();
        for (int i = 0; i < 100; i++) {
            traffic.sendOne();
        }
        core.start();
        awaitHandlers();
        long last = settle(APP, OTHER);

        for (String app : List.of(APP, OTHER)) {
            assertClean(app, 1, last);
        }
    }

    @Test
    public void aRestartOfTheCoreWithoutTrafficLosesNothing() throws Exception {
        startTwoApps();
        flow(APP, OTHER);
        settle(APP, OTHER);
        Bundle core = bundles.named(CORE);

        core.stop();
        core.start();
        awaitHandlers();
        long last = settle(APP, OTHER);

        for (String app : List.of(APP, OTHER)) {
            assertClean(app, 1, last);
        }
    }

    @Test
    public void whenTheBusIsKilledAndBackTheAppsStayAndGetEveryEventOfTheNewOne() throws Exception {
        startTwoApps();
        flow(APP, OTHER);
        Bundle bus = bundles.named(BUS);

        bus.stop();
        traffic.awaitEnd();
        traffic.close();
        long sent = traffic.last();
        long before = sent + EVENTS_PER_SECOND; // behind what may have been sent unknown to it
        bus.start();
        connectBehind(before);
        flow(APP, OTHER);
        awaitMore(500, APP, OTHER);
        long last = settle(APP, OTHER);

        for (String app : List.of(APP, OTHER)) {
            say("bus killed and back", assertInOrder(app, sent));
            assertThat(assertClean(app, before + 1, last).instances())
                    .as("objects that the app's component had")
                    .isEqualTo(1);
        }
    }

    @Test
    public void whenTheApiIsRefreshedEverythingAboveItGoesAndComesBack() throws Exception {
        startTwoApps();
        flow(APP, OTHER);

        bundles.refresh(List.of(bundles.named(API)));
        traffic.awaitEnd();
        traffic.close();
        long sent = traffic.last();
        long before = sent + EVENTS_PER_SECOND;
        connectBehind(before);
        awaitHandlers();
        flow(APP, OTHER);
        awaitMore(500, APP, OTHER);
        long last = settle(APP, OTHER);

        for (String app : List.of(APP, OTHER)) {
            say("api refreshed", assertInOrder(app, sent));
            assertThat(assertClean(app, before + 1, last).instances())
                    .as("objects that the app's component had")
                    .isEqualTo(2);
        }
        for (String each : List.of(API, CORE, BUS)) {
            assertThat(bundles.named(each).getState()).as(each).isEqualTo(Bundle.ACTIVE);
        }
    }

    @Test
    public void theCoresConfigurationChangesLiveAndLosesNothing() throws Exception {
        startTwoApps();
        flow(APP, OTHER);

        for (int step = 1; step <= 5; step++) {
            settings.put(CORE, Map.of("timeoutMillis", 10_000 + step, "parkMillis", 5_000 + step, "workers", 1 + step));
            awaitMore(200, APP, OTHER);
        }
        settings.remove(CORE);
        awaitMore(200, APP, OTHER);
        long last = settle(APP, OTHER);

        for (String app : List.of(APP, OTHER)) {
            assertThat(assertClean(app, 1, last).instances()).isEqualTo(1);
        }
    }

    @Test
    public void theParkingTimeChangesLive() throws Exception {
        Bundle away = startTwoApps();
        flow(APP, OTHER);

        settings.put(CORE, Map.of("parkMillis", 0));
        awaitParkingIs(away, false);
        settings.remove(CORE);
        awaitParkingIs(away, true);
        awaitMore(200, APP, OTHER);
        long from = checker.highest(APP);
        long lostBefore = checker.tally(APP, from).lost().count();
        away.stop(Bundle.STOP_TRANSIENT);
        awaitMore(200, OTHER);
        away.start(Bundle.START_TRANSIENT);
        awaitMore(200, APP, OTHER);
        long last = settle(APP, OTHER);

        assertThat(lostBefore).as("lost while nothing was parked").isPositive();
        assertClean(APP, from, last);
        assertClean(OTHER, 1, last);
    }

    /** Restarts an app until its events are parked or are not, as a setting that was changed will have it. */
    private void awaitParkingIs(Bundle app, boolean isOn) throws Exception {
        Patience.await("parking is " + (isOn ? "on" : "off"), () -> {
            awaitMore(100, APP, OTHER);
            long before = checker.highest(APP);
            app.stop(Bundle.STOP_TRANSIENT);
            awaitMore(100, OTHER);
            app.start(Bundle.START_TRANSIENT);
            awaitMore(100, APP);
            return checker.tally(APP, before, checker.highest(APP)).lost().count() == 0 == isOn;
        });
    }

    private Bundle startTwoApps() throws Exception {
        bundles.start(AppJar.of(OTHER, "1.0.0"));
        return bundles.start(AppJar.of(APP, "1.0.0"));
    }

    /** Sends no event before both apps' handlers are services again, and so known to the core. */
    private void awaitHandlers() throws Exception {
        Patience.await("the apps' handlers are there", () -> bundles.handlers(List.of(APP, OTHER)) == 2);
    }

    private static void say(String what, Tally tally) {
        System.out.println("itests: " + what + ": " + tally);
    }
}
