// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.core.DelayStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.EventSource;
import org.callosum.core.Explanation;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.LatencyStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.core.Subscription;
import org.callosum.core.Trace;

/** A dispatcher to be looked at; whatever would change it fails the test. */
record FakeDispatcher(
        boolean isRunning,
        List<HandlerStatus> handlers,
        List<InvocationStatus> slow,
        List<DelayStatus> delays,
        List<ParkedStatus> parked,
        List<ParkedStatus> parkedBefore)
        implements Dispatcher {
    FakeDispatcher(boolean isRunning, List<HandlerStatus> handlers, List<InvocationStatus> slow) {
        this(isRunning, handlers, slow, List.of(), List.of(), List.of());
    }

    @Override
    public List<LatencyStatus> latencies() {
        return List.of(Handlers.SEGMENT_LOG_LATENCY);
    }

    @Override
    public void follow(EventSource source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unfollow(EventSource source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Message> handling() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean concerns(String tract, String event) {
        return true;
    }

    @Override
    public Duration underWay() {
        return Duration.ZERO;
    }

    @Override
    public void wake() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void release(long serviceId) {
        if (serviceId != 31) {
            throw new IllegalStateException("segment-log/SegmentLog is in no quarantine");
        }
    }

    @Override
    public void quarantine(long serviceId) {
        if (serviceId != 31) {
            throw new IllegalStateException("There is no handler with the service id " + serviceId);
        }
    }

    @Override
    public Explanation explain(Message message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Trace trace(Subscription names, int events, boolean withMessages) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void emitted(Message message) {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public int dispatch(Message message) {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public void lost(Message message, Gap.Reason reason) {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public void lost(Gap gap) {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public int handlerCount() {
        return handlers.size();
    }

    @Override
    public void start() {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public void stop() {
        throw new UnsupportedOperationException("the shell only looks");
    }
}
