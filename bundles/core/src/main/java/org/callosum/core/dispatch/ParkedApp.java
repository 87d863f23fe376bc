// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.api.Message;
import org.callosum.core.ParkedStatus;
import org.callosum.core.ParkedStatus.State;

/**
 * What is parked for one bundle, or for one component of a bundle that runs: which handlers are away, and the events that
 * match them, in order. Not thread-safe: {@link Parking} guards it.
 */
final class ParkedApp {
    /**
     * A parked event.
     *
     * @param only the identities of the handlers it is for; empty for every handler of it that matches
     */
    record Parked(Message message, Set<String> only, long bytes) {}

    /** Which of a bundle's handlers it is for; {@code null} for all. */
    final String component;

    final Owner owner;

    /** The handlers that left and are not back, by identity. */
    final Map<String, Handler> away = new HashMap<>();

    private final Deque<Parked> events = new ArrayDeque<>();
    private long bytes;

    /** When the first of those that are away left. */
    long sinceNanos;

    /** How long it was away; empty while it is. */
    private OptionalLong awayNanos = OptionalLong.empty();

    /** When its bundle was first seen to run again; empty until then. */
    private OptionalLong runsAgainNanos = OptionalLong.empty();

    long parked;
    long handedOver;
    long givenUp;

    ParkedApp(Owner owner, String component, long nowNanos) {
        this.owner = owner;
        this.component = component;
        this.sinceNanos = nowNanos;
    }

    /** Whether this handler is one of them: away, or there again. */
    boolean isFor(Handler handler) {
        return handler.owner().bundleId() == owner.bundleId()
                && (component == null || component.equals(handler.identity()));
    }

    void leave(Handler handler, long nowNanos) {
        if (away.isEmpty()) {
            sinceNanos = nowNanos;
        }
        awayNanos = OptionalLong.empty();
        runsAgainNanos = OptionalLong.empty();
        away.put(handler.identity(), handler);
    }

    /** Nobody of it is away any more, or it is given up. */
    void endAbsence(long nowNanos) {
        if (awayNanos.isEmpty()) {
            awayNanos = OptionalLong.of(nowNanos - sinceNanos);
        }
    }

    /** Whether its handlers are back, as far as they come back, and its events can be handed over. */
    boolean isBack() {
        return awayNanos.isPresent();
    }

    /** Whether its bundle, which runs again now, was first seen to do so at least that long ago. */
    boolean hasRunAgainFor(Duration time, long nowNanos) {
        if (runsAgainNanos.isEmpty()) {
            runsAgainNanos = OptionalLong.of(nowNanos);
        }
        return nowNanos - runsAgainNanos.getAsLong() >= time.toNanos();
    }

    /** Parks an event behind all others; gives it up if there is no room for it. */
    void park(Message message, Set<String> only, ParkingLimits limits) {
        Parked event = new Parked(message, only, message.toUtf8().remaining());
        if (events.size() >= limits.events() || bytes + event.bytes() > limits.bytes()) {
            givenUp++;
            return;
        }
        parked++;
        bytes += event.bytes();
        events.add(event);
    }

    /** Parks the share of one more handler in the event that was parked last, or in a new one. */
    void parkShare(Message message, String identity, ParkingLimits limits) {
        Parked last = events.peekLast();
        if (last == null || last.message() != message) {
            park(message, Set.of(identity), limits);
        } else if (!last.only().isEmpty() && !last.only().contains(identity)) {
            events.removeLast();
            events.add(new Parked(message, with(last.only(), identity), last.bytes()));
        }
    }

    Parked next() {
        Parked next = events.poll();
        if (next != null) {
            bytes -= next.bytes();
        }
        return next;
    }

    /** Takes back what could not be handed over to these handlers: it is the next again. */
    void takeBack(Parked event, Set<String> identities) {
        bytes += event.bytes();
        events.addFirst(new Parked(event.message(), identities, event.bytes()));
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    boolean isFull(ParkingLimits limits) {
        return events.size() >= limits.events() || bytes >= limits.bytes();
    }

    void giveUpAll() {
        givenUp += events.size();
        events.clear();
        bytes = 0;
    }

    Duration age(long nowNanos) {
        return Duration.ofNanos(nowNanos - sinceNanos);
    }

    ParkedStatus status(boolean isDone, long nowNanos) {
        return new ParkedStatus(
                label(),
                owner.bundleId(),
                owner.bundle(),
                isDone ? State.DONE : isBack() ? State.BACK : State.AWAY,
                age(nowNanos),
                awayNanos.isPresent() ? Duration.ofNanos(awayNanos.getAsLong()) : age(nowNanos),
                events.size(),
                bytes,
                parked,
                handedOver,
                givenUp);
    }

    /** Whose it is, for a log line. */
    String label() {
        return component == null
                ? owner.app()
                : owner.app() + "/" + component.substring(component.lastIndexOf('.') + 1);
    }

    private static Set<String> with(Set<String> identities, String identity) {
        return Stream.concat(identities.stream(), Stream.of(identity)).collect(Collectors.toUnmodifiableSet());
    }
}
