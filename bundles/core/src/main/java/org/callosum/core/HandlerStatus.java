// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One handler and its numbers at one moment. Immutable.
 *
 * @param serviceId its {@code service.id}
 * @param app its bundle's {@code Callosum-App} header, else the bundle's symbolic name
 * @param name the handler's name: of a DS component the last part of its name, else its class's simple name
 * @param subscriptions what it listens to; empty for a malformed registration
 * @param filter which of these events it wants: its property {@code event.filter}; empty if it has none
 * @param timeout the time limit it asks for; what it gets is bounded by the operator's. Empty if it asks for none
 * @param bundleId the id of the bundle that registered it
 * @param bundle that bundle's symbolic name
 * @param version that bundle's version
 * @param state how it stands
 * @param invoked how often it was invoked, failed and timed-out invocations included
 * @param failed how often it threw, or could not be had
 * @param timedOut how often it overran the time limit
 * @param running how many of its invocations run now, written-off ones included
 * @param perSecond how often it was invoked per second, over the last ten seconds or so
 * @param times how long its invocations took
 * @param lastFailure what it threw last, or why it could not be had; empty if it has never failed
 * @param problem why it is not called, and how to mend it: the malformed property, why its service could not be had, or
 *     since when it is in quarantine;
 *     empty if it is called
 */
public record HandlerStatus(
        long serviceId,
        String app,
        String name,
        List<Subscription> subscriptions,
        String filter,
        Optional<Duration> timeout,
        long bundleId,
        String bundle,
        String version,
        State state,
        long invoked,
        long failed,
        long timedOut,
        int running,
        double perSecond,
        HandlerTimes times,
        Optional<HandlerFailure> lastFailure,
        String problem) {

    /** How a handler stands. */
    public enum State {
        /** Is called for what it listens to. */
        ACTIVE,
        /** Could not be had when it was last wanted: its activation failed, or its service factory did. It is tried again with each event. */
        FAILED,
        /** Its registration is malformed: it is not called. */
        BAD,
        /** It hung again and again: its events are parked until it is released, or tried with success. */
        QUARANTINED,
        /** It left because its bundle is updated or its component replaced: its events are parked until it is back. */
        PARKED
    }

    /** Copies the subscriptions. */
    public HandlerStatus {
        subscriptions = List.copyOf(subscriptions);
    }
}
