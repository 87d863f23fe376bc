// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.systemd;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Feeds systemd's watchdog as long as events move, and no longer: then systemd ends the process and starts another.
 *
 * <p><b>Threads.</b> One of its own looks, four times in the time that systemd allows. If that one hangs, on whatever it looks
 * at, the watchdog is not fed either.
 */
final class Watchdog implements AutoCloseable {
    private static final int LOOKS = 4;

    private final Movement movement;
    private final ServiceManager systemd;
    private final Logger logger;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "callosum systemd watchdog");
        thread.setDaemon(true);
        return thread;
    });
    private boolean isStarving;

    Watchdog(Movement movement, ServiceManager systemd, Logger logger) {
        this.movement = movement;
        this.systemd = systemd;
        this.logger = logger;
    }

    /** The time within which systemd wants to hear of this process, as its environment says; empty if it does not. */
    static Optional<Duration> limit(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String forProcess = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        if (!micros.matches("[1-9]\\d{0,15}") || !forProcess.equals(Long.toString(pid))) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofNanos(Long.parseLong(micros) * 1_000));
    }

    /** Begins to look. */
    void start(Duration limit) {
        long period = Math.max(1, limit.toMillis() / LOOKS);
        looks.scheduleWithFixedDelay(this::look, 0, period, TimeUnit.MILLISECONDS);
    }

    /** Looks once. */
    void look() {
        try {
            if (movement.isThere()) {
                systemd.tell("WATCHDOG=1");
                isStarving = false;
            } else if (!isStarving) {
                isStarving = true;
                logger.error(
                        "systemd's watchdog is not fed, and ends this process if that goes on: {}{}",
                        movement.obstacle(),
                        KeyValues.of("reason", movement.obstacle()));
            }
        } catch (RuntimeException e) {
            logger.error("systemd's watchdog is not fed: the look at the dispatcher failed", e);
        }
    }

    /** Looks no more. A look under way is not waited for. */
    @Override
    public void close() {
        looks.shutdownNow();
    }
}
