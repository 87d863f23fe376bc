// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.runtime;

import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import org.callosum.api.Callosum;
import org.callosum.api.EmitRefusedException;
import org.callosum.core.HandlerEvent;
import org.callosum.core.RuntimeListener;
import org.callosum.transport.ConnectionStatus;
import org.osgi.service.log.Logger;

/**
 * Emits what happens, within limits, and never in a loop: what comes of a fact is no fact. A handler that fails on a fact, or on
 * something that another one emitted for a fact, brings none; and neither does its quarantine, if it hung on one.
 *
 * <p><b>Threads.</b> Any; nothing waits. Facts are emitted by the executor, so that whoever a fact comes from does nothing but
 * look whether it is told, and so that it is not taken for something that the handler emitted.
 */
final class FactTeller implements RuntimeListener {
    /** How many handlers that hung on a fact are known; more are told of. */
    private static final int MAX_HUNG = 1_000;

    private final Callosum callosum;
    private final Executor executor;
    private final Limit limit;
    private final Logger logger;
    private volatile boolean isOn;

    /** The service ids of handlers that hung on a fact, until they are released. Guarded by itself. */
    private final Set<Long> hung = new HashSet<>();

    /**
     * Emits on this bus.
     *
     * @param logger has a line of each fact at DEBUG: whoever reads the log with a program turns that on for this bundle
     */
    FactTeller(Callosum callosum, Executor executor, Limit limit, boolean isOn, Logger logger) {
        this.callosum = callosum;
        this.executor = executor;
        this.limit = limit;
        this.isOn = isOn;
        this.logger = logger;
    }

    /** Tells facts from now on, or does not. */
    void turn(boolean on) {
        isOn = on;
    }

    @Override
    public void happened(HandlerEvent event) {
        Fact fact = Fact.of(event);
        if (!isOn || fact.isOfOurOwn()) {
            note(event, fact);
        } else if (!isHung(event)) {
            tell(fact);
        }
    }

    @Override
    public void thrownOff(ConnectionStatus client) {
        tell(Fact.of(client));
    }

    /** Something happened. */
    void tell(Fact fact) {
        if (!isOn) {
            return;
        }
        OptionalLong leftOut = limit.admit(fact.event(), fact.subject());
        if (leftOut.isEmpty()) {
            return;
        }
        try {
            executor.execute(() -> emit(fact, leftOut.getAsLong()));
        } catch (RejectedExecutionException e) {
            limit.leftOut(fact.event(), fact.subject(), leftOut.getAsLong() + 1);
        }
    }

    private void emit(Fact fact, long leftOut) {
        if (logger.isDebugEnabled()) {
            logger.debug("{}", fact.line(leftOut));
        }
        try {
            callosum.emit(fact.message(leftOut));
        } catch (EmitRefusedException e) {
            limit.leftOut(fact.event(), fact.subject(), leftOut + 1); // there is no bus, or no room on it
        }
    }

    private void note(HandlerEvent event, Fact fact) {
        if (event.kind() == HandlerEvent.Kind.TIMED_OUT && fact.isOfOurOwn()) {
            synchronized (hung) {
                if (hung.size() < MAX_HUNG) {
                    hung.add(event.serviceId());
                }
            }
        }
    }

    /** Whether it is about the quarantine of a handler that hung on a fact: told, it would be parked for it, and be the next. */
    private boolean isHung(HandlerEvent event) {
        synchronized (hung) {
            return switch (event.kind()) {
                case QUARANTINED -> hung.contains(event.serviceId());
                case RELEASED -> hung.remove(event.serviceId());
                case FAILED, TIMED_OUT -> false;
            };
        }
    }
}
