// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.callosum.core.Dispatcher;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.core.ParkedStatus.State;

/** A dispatcher that answers what it is told to; any other call fails the test. */
final class FakeDispatcher {
    private final Deque<List<ParkedStatus>> parked = new ArrayDeque<>(List.of(List.of()));
    private List<ParkedStatus> before = List.of();
    private List<InvocationStatus> overruns = List.of();

    private final Dispatcher dispatcher = (Dispatcher) Proxy.newProxyInstance(
            FakeDispatcher.class.getClassLoader(),
            new Class<?>[] {Dispatcher.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "parked" -> parked.size() > 1 ? parked.remove() : parked.element();
                case "parkedBefore" -> parked.size() > 1 ? List.of() : before;
                case "slow" -> overruns;
                default -> throw new UnsupportedOperationException(method.getName());
            });

    Dispatcher dispatcher() {
        return dispatcher;
    }

    /** Answers this for good. */
    FakeDispatcher parked(ParkedStatus... now) {
        parked.clear();
        parked.add(List.of(now));
        return this;
    }

    /** Answers this once, before all others, with nothing that was before. */
    FakeDispatcher first(ParkedStatus... now) {
        parked.addFirst(List.of(now));
        return this;
    }

    FakeDispatcher before(ParkedStatus... all) {
        before = List.of(all);
        return this;
    }

    FakeDispatcher overruns(InvocationStatus... all) {
        overruns = List.of(all);
        return this;
    }

    /** 7 events, of which 5 are handed over. */
    static ParkedStatus status(long bundle, State state, Duration since) {
        return new ParkedStatus("app" + bundle, bundle, "b", state, since, Duration.ofMillis(30), 2, 9, 7, 5, 0);
    }
}
