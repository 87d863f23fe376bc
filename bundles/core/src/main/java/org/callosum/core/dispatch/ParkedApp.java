// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.api.Gap;
import org.callosum.api.KeyValues;
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
     * @param only the handlers it is for; empty for every handler of the app that matches
     */
    record Parked(Message message, Set<HandlerIdentity> only, long bytes, Instant since) {
        /** An event that came now. */
        static Parked of(Message message, Set<HandlerIdentity> only, Instant now) {
            return new Parked(message, only, message.toUtf8().remaining(), now);
        }

        boolean isFor(HandlerIdentity identity) {
            return only.isEmpty() || only.contains(identity);
        }
    }

    /** Which of a bundle's handlers it is for; {@code null} for all. */
    final HandlerIdentity component;

    final Owner owner;

    /** The handlers that left and are not back, or whose service cannot be had. */
    private final Map<HandlerIdentity, Handler> away = new HashMap<>();

    /** Those of them that are still registered, with the time since when their service cannot be had. */
    private final Map<HandlerIdentity, Long> absentSince = new HashMap<>();

    /** Why its one handler, which is there, is not called; {@code null} if it is. */
    private Quarantine quarantine;

    /** The handlers that left and came back. */
    private final Set<HandlerIdentity> returned = new HashSet<>();

    private final Deque<Parked> events = new ArrayDeque<>();
    private long bytes;

    /** When the first of those that are away left. */
    private long sinceNanos;

    /** How long it was away; empty while it is. */
    private OptionalLong awayNanos = OptionalLong.empty();

    /** When its bundle was first seen to run again; empty until then. */
    private OptionalLong runsAgainNanos = OptionalLong.empty();

    private long parked;
    private long handedOver;
    private long givenUp;

    ParkedApp(Owner owner, HandlerIdentity component) {
        this.owner = owner;
        this.component = component;
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
        absentSince.remove(handler.identity());
        quarantine = null;
        returned.remove(handler.identity());
    }

    /** Its one handler hangs again and again: it is called no more for a while. */
    void quarantine(Handler handler, QuarantineRule rule, long nowNanos) {
        leave(handler, nowNanos);
        quarantine = new Quarantine(handler, rule, nowNanos);
    }

    /** Its one handler is not called until somebody says so. What it was in quarantine for before does not count any more. */
    void quarantineByHand(Handler handler, long nowNanos) {
        if (quarantine == null) {
            leave(handler, nowNanos);
        }
        quarantine = Quarantine.byHand(handler, nowNanos);
    }

    /** Why its one handler, which is there, is not called; {@code null} if it is. */
    Quarantine quarantine() {
        return quarantine;
    }

    /** A handler's service cannot be had, and it has not left. */
    void absent(Handler handler, long nowNanos) {
        if (!away.containsKey(handler.identity())) {
            leave(handler, nowNanos);
            absentSince.put(handler.identity(), nowNanos);
        }
    }

    /** Whether it is away although it is there: its service cannot be had, or it is in quarantine. */
    boolean isAbsent(Handler handler) {
        return (quarantine != null || absentSince.containsKey(handler.identity()))
                && away.get(handler.identity()) == handler;
    }

    /** The handlers whose service has not been had for that long: they are waited for no more. */
    List<Handler> takeOverdue(Duration time, long nowNanos) {
        List<Handler> overdue = absentSince.entrySet().stream()
                .filter(absent -> nowNanos - absent.getValue() >= time.toNanos())
                .map(absent -> away.get(absent.getKey()))
                .toList();
        overdue.forEach(handler -> {
            handler.overdue();
            arrive(handler, nowNanos);
        });
        return overdue;
    }

    /** Whether this handler was away; it is not any more. */
    boolean arrive(Handler handler, long nowNanos) {
        if (away.remove(handler.identity()) == null) {
            return false;
        }
        absentSince.remove(handler.identity());
        quarantine = null;
        returned.add(handler.identity());
        endAbsenceIfAllAreBack(nowNanos);
        return true;
    }

    /**
     * A handler does not come back: its share is nobody's.
     *
     * @return how many of the parked events it would have had
     */
    long drop(HandlerIdentity identity, long nowNanos) {
        Handler dropped = away.remove(identity);
        absentSince.remove(identity);
        quarantine = null;
        endAbsenceIfAllAreBack(nowNanos);
        RouteTable its = new RouteTable(List.of(dropped));
        return events.stream()
                .filter(event -> event.isFor(identity) && !match(its, event).isEmpty())
                .count();
    }

    private void endAbsenceIfAllAreBack(long nowNanos) {
        if (away.isEmpty()) {
            endAbsence(nowNanos);
        }
    }

    private void endAbsence(long nowNanos) {
        if (awayNanos.isEmpty()) {
            awayNanos = OptionalLong.of(nowNanos - sinceNanos);
        }
    }

    /** Whether its handlers are back, as far as they come back, and its events can be handed over. */
    boolean isBack() {
        return awayNanos.isPresent();
    }

    /** Why an event for a handler of it is parked, though nothing of it is in quarantine: a sentence for an operator. */
    String reason(Handler handler, long nowNanos) {
        if (isBack()) {
            return "back, and " + events.size() + " parked events are handed over before it";
        }
        boolean isAbsent = absentSince.containsKey(handler.identity());
        return (isAbsent
                        ? "its service cannot be had"
                        : isAway(handler.identity()) ? "away" : "its app is away, for an update or a restart")
                + ", for " + Incidents.seconds(nowNanos - sinceNanos) + ": its events are parked";
    }

    /** The handlers that are away, those with an absent service included. */
    Collection<Handler> away() {
        return away.values();
    }

    /** Those of them that left. */
    List<Handler> left() {
        return away.values().stream()
                .filter(handler -> quarantine == null && !absentSince.containsKey(handler.identity()))
                .toList();
    }

    boolean isAway(HandlerIdentity identity) {
        return away.containsKey(identity);
    }

    /** Whether a handler that refused an event can have it later: it will be back, or is already. */
    boolean comesBack(HandlerIdentity identity) {
        return away.containsKey(identity) || returned.contains(identity);
    }

    /** Whether its bundle, which runs again now, was first seen to do so at least that long ago. */
    boolean hasRunAgainFor(Duration time, long nowNanos) {
        if (runsAgainNanos.isEmpty()) {
            runsAgainNanos = OptionalLong.of(nowNanos);
        }
        return nowNanos - runsAgainNanos.getAsLong() >= time.toNanos();
    }

    /** Parks an event behind all others; whether there was room for it. */
    boolean park(Parked event, ParkingLimits limits) {
        if (events.size() >= limits.events() || bytes + event.bytes() > limits.bytes()) {
            givenUp++;
            return false;
        }
        parked++;
        bytes += event.bytes();
        events.add(event);
        return true;
    }

    /** So many events more had no room. */
    void giveUp(long events) {
        givenUp += events;
    }

    /** Parks the share of one more handler in the event that was parked last, or in a new one; whether there was room for it. */
    boolean parkShare(Message message, HandlerIdentity identity, ParkingLimits limits, Instant now) {
        Parked last = events.peekLast();
        if (last == null || last.message() != message) {
            return park(Parked.of(message, Set.of(identity), now), limits);
        }
        if (!last.isFor(identity)) {
            events.removeLast();
            events.add(new Parked(message, with(last.only(), identity), last.bytes(), last.since()));
        }
        return true;
    }

    Parked next() {
        Parked next = events.poll();
        if (next != null) {
            bytes -= next.bytes();
        }
        return next;
    }

    /** Takes back what could not be handed over to these handlers: it is the next again. */
    void takeBack(Parked event, Set<HandlerIdentity> identities) {
        bytes += event.bytes();
        events.addFirst(new Parked(event.message(), identities, event.bytes(), event.since()));
    }

    void countHandedOver(boolean toSomebody) {
        if (toSomebody) {
            handedOver++;
        } else {
            givenUp++;
        }
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    boolean isFull(ParkingLimits limits) {
        return events.size() >= limits.events() || bytes >= limits.bytes();
    }

    long parked() {
        return parked;
    }

    long handedOver() {
        return handedOver;
    }

    long givenUp() {
        return givenUp;
    }

    /** Gives all events up; what each handler that is away misses by that. */
    Map<Handler, Gap> giveUpAll() {
        RouteTable table = new RouteTable(away.values());
        Map<Handler, Gap> missed = new HashMap<>();
        for (Parked event : events) {
            Gap gap = new Gap(Gap.Reason.PARKING_LIMIT, OptionalLong.of(1), event.since(), event.since());
            match(table, event).stream()
                    .filter(handler -> event.isFor(handler.identity()))
                    .forEach(handler -> missed.merge(handler, gap, Gaps::merged));
        }
        givenUp += events.size();
        events.clear();
        bytes = 0;
        return missed;
    }

    /** Its absence is over: what is remembered of it refers to no handler. */
    void end(long nowNanos) {
        endAbsence(nowNanos);
        away.clear();
        absentSince.clear();
        quarantine = null;
        returned.clear();
    }

    /** For how long it has been away. */
    Duration awayFor(long nowNanos) {
        return Duration.ofNanos(awayNanos.orElse(nowNanos - sinceNanos));
    }

    ParkedStatus status(boolean isDone, long nowNanos) {
        return new ParkedStatus(
                label(),
                owner.bundleId(),
                owner.bundle(),
                isDone ? State.DONE : isBack() ? State.BACK : quarantine != null ? State.QUARANTINED : State.AWAY,
                Duration.ofNanos(nowNanos - sinceNanos),
                awayFor(nowNanos),
                events.size(),
                bytes,
                parked,
                handedOver,
                givenUp);
    }

    /** Whose it is, for a log line. */
    String label() {
        return component == null ? owner.app() : owner.app() + "/" + component.label();
    }

    /** The same, for the values of a log line. */
    KeyValues keyValues() {
        return component == null ? owner.keyValues() : owner.keyValues(component.label());
    }

    private static List<Handler> match(RouteTable table, Parked event) {
        return table.match(event.message());
    }

    private static Set<HandlerIdentity> with(Set<HandlerIdentity> identities, HandlerIdentity identity) {
        return Stream.concat(identities.stream(), Stream.of(identity)).collect(Collectors.toUnmodifiableSet());
    }
}
