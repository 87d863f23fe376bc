// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.List;

/**
 * What would become of an event if it were dispatched now. Immutable.
 *
 * @param verdicts one for each handler that there is, is parked, or is declared by a component that is not there: those that
 *     would be called first, in their order
 */
public record Explanation(List<Verdict> verdicts) {
    /** What would become of the event for a handler. */
    public enum Outcome {
        /** The handler would be called. */
        CALLED,
        /** It wants the event and is in quarantine: the event would be parked. */
        QUARANTINED,
        /** It wants the event and is away, or has others before it: the event would be parked. */
        PARKED,
        /** It would want the event, and its component is not there. */
        ABSENT,
        /** Its filter does not let the event through. */
        FILTERED,
        /** It listens to other names. */
        UNNAMED,
        /** Its registration is malformed. */
        BAD
    }

    /**
     * What would become of the event for one handler.
     *
     * @param serviceId its {@code service.id}; 0 if it is not there
     * @param app its app
     * @param name its name
     * @param bundleId the id of its bundle
     * @param bundle that bundle's symbolic name
     * @param version that bundle's version
     * @param subscriptions what it listens to; empty for a malformed registration
     * @param filter its filter; empty if it has none
     * @param outcome what would become of the event
     * @param reason why it is not called, as far as it is more than names and filter say: the malformed property, since when
     *     it is in quarantine, what its component lacks. Of one that would be called, why its service could not be had when it
     *     was last wanted. Else empty
     */
    public record Verdict(
            long serviceId,
            String app,
            String name,
            long bundleId,
            String bundle,
            String version,
            List<Subscription> subscriptions,
            String filter,
            Outcome outcome,
            String reason) {
        /** Copies the subscriptions. */
        public Verdict {
            subscriptions = List.copyOf(subscriptions);
        }
    }

    /** Copies the verdicts. */
    public Explanation {
        verdicts = List.copyOf(verdicts);
    }

    /** Those that would be called, in their order. */
    public List<Verdict> called() {
        return verdicts.stream()
                .filter(verdict -> verdict.outcome() == Outcome.CALLED)
                .toList();
    }
}
