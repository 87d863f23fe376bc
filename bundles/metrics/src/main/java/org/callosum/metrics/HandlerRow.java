// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.time.Duration;

import org.callosum.api.Printable;
import org.callosum.core.HandlerStatus;

/** What JMX shows of a handler. Immutable. */
record HandlerRow(HandlerStatus handler) implements HandlerNumbers {
    private static final int MAX_NAME = 100;
    private static final int MAX_TEXT = 500;

    @Override
    public String getApp() {
        return Printable.of(handler.app(), MAX_NAME);
    }

    @Override
    public String getName() {
        return Printable.of(handler.name(), MAX_NAME);
    }

    @Override
    public long getServiceId() {
        return handler.serviceId();
    }

    @Override
    public String getBundle() {
        return Printable.of(handler.bundle() + " " + handler.version(), MAX_TEXT);
    }

    @Override
    public String getState() {
        return handler.state().name();
    }

    @Override
    public String getProblem() {
        return Printable.of(handler.problem(), MAX_TEXT);
    }

    @Override
    public long getInvoked() {
        return handler.invoked();
    }

    @Override
    public long getFailed() {
        return handler.failed();
    }

    @Override
    public long getTimedOut() {
        return handler.timedOut();
    }

    @Override
    public int getRunning() {
        return handler.running();
    }

    @Override
    public double getP50Millis() {
        return millis(handler.times().p50());
    }

    @Override
    public double getP99Millis() {
        return millis(handler.times().p99());
    }

    @Override
    public double getMaxMillis() {
        return millis(handler.times().max());
    }

    @Override
    public long getDelayCausedMillis() {
        return handler.times().delayCaused().toMillis();
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
