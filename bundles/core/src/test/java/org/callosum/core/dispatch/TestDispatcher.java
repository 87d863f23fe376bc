// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.osgi.service.log.Logger;

/**
 * Makes the dispatcher of a test, stopped, from what the test says and the defaults for the rest: handlers that are away come
 * back, time stands still, nobody reads the log.
 */
final class TestDispatcher {
    private final Handlers handlers;
    private Whereabouts whereabouts = (owner, identity) -> Whereabouts.Answer.COMING;
    private Gaps gaps = new Gaps(InstantSource.system());
    private Settings settings = new Settings(4, Duration.ofSeconds(30));
    private ParkingLimits limits = ParkingLimits.DEFAULT;
    private Ticker ticker = new ManualTicker();
    private Logger logger = new RecordingLogger().logger();

    private TestDispatcher(Handlers handlers) {
        this.handlers = handlers;
    }

    static TestDispatcher of(Handlers handlers) {
        return new TestDispatcher(handlers);
    }

    TestDispatcher where(Whereabouts known) {
        whereabouts = known;
        return this;
    }

    /** The clock that gaps are told by. */
    TestDispatcher by(InstantSource clock) {
        gaps = new Gaps(clock);
        return this;
    }

    TestDispatcher with(Settings those) {
        settings = those;
        return this;
    }

    TestDispatcher with(ParkingLimits those) {
        limits = those;
        return this;
    }

    TestDispatcher with(Ticker time) {
        ticker = time;
        return this;
    }

    TestDispatcher with(RecordingLogger log) {
        return with(log.logger());
    }

    TestDispatcher with(Logger log) {
        logger = log;
        return this;
    }

    SerialDispatcher make() {
        return new SerialDispatcher(
                handlers::routes, handlers::all, whereabouts, gaps, settings, limits, ticker, logger);
    }

    /** Dispatches on a thread of its own, which ends with the process at the latest. */
    static CompletableFuture<Integer> dispatchAsync(SerialDispatcher dispatcher, Message message) {
        return CompletableFuture.supplyAsync(() -> dispatcher.dispatch(message), task -> {
            Thread thread = new Thread(task, "test dispatch");
            thread.setDaemon(true);
            thread.start();
        });
    }

    /** An event without fields of its own. */
    static Message message(String tract, String event) {
        return Message.of(tract, event, Map.of());
    }
}
