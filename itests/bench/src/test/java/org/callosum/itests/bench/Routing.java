// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.ArrayList;
import java.util.List;

import org.callosum.core.Subscription;
import org.callosum.core.dispatch.Handler;
import org.callosum.core.dispatch.RouteTable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What it takes to find the handlers of an event, and to take new ones into the table. */
public class Routing {
    /** Handlers that a table is made of. */
    @State(Scope.Benchmark)
    public static class Registered {
        /** How many. */
        @Param({"1000", "10000", "100000"})
        public int handlers;

        private List<Handler> all;

        /** Makes them. */
        @Setup
        public void register() {
            all = CallosumWay.handlers(List.of(), handlers);
        }
    }

    /** A table. */
    @State(Scope.Benchmark)
    public static class Built {
        /** In how many of the four groups (exact, tract, event, all) a handler listens to the event. */
        @Param({"1", "2", "4"})
        public int groups;

        private RouteTable table;

        /** Makes it. */
        @Setup
        public void build() {
            List<Handler> all = new ArrayList<>(CallosumWay.handlers(List.of(), 1000));
            List<Subscription> subscriptions = List.of(
                    new Subscription(Way.TRACT, Way.EVENT),
                    new Subscription(Subscription.ANY, Subscription.ANY),
                    new Subscription(Way.TRACT, Subscription.ANY),
                    new Subscription(Subscription.ANY, Way.EVENT));
            for (Subscription subscription : subscriptions.subList(0, groups)) {
                all.add(CallosumWay.handler(all.size() + 1, "app", subscription, new CountingHandler(Work.NONE)));
            }
            table = new RouteTable(all);
        }
    }

    /** Builds the table: once for a burst of registrations. */
    @Benchmark
    public RouteTable build(Registered registered) {
        return new RouteTable(registered.all);
    }

    /** Finds the handlers of an event. */
    @Benchmark
    public List<Handler> match(Built built) {
        return built.table.match(CallosumWay.MESSAGE);
    }
}
