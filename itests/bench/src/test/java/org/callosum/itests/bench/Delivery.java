// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From handing an event over until the last of its handlers has returned; the event is made once. */
@State(Scope.Benchmark)
public class Delivery {
    /** How many events {@link #flood} hands over at once: the thread switch at its end is lost among them. */
    static final int FLOOD = 10_000;

    /** The same, for handlers that take long. */
    static final int TRICKLE = 100;

    /** How. */
    @Param
    public Way.Kind way;

    /** How many handlers get each event. */
    @Param({"1", "4", "16"})
    public int matching;

    /** How many do not. */
    @Param({"10", "1000", "10000"})
    public int idle;

    /** What a handler does. */
    @Param
    public Work work;

    private List<CountingHandler> handlers;
    private Way open;

    /** Registers the handlers and starts all threads. */
    @Setup(Level.Trial)
    public void open() throws Exception {
        handlers =
                Stream.generate(() -> new CountingHandler(work)).limit(matching).toList();
        open = way.opener.open(handlers, idle);
    }

    /** Ends all threads. */
    @TearDown(Level.Trial)
    public void close() throws Exception {
        open.close();
    }

    /** Many events, one behind the other. */
    @Benchmark
    @OperationsPerInvocation(FLOOD)
    public void flood() throws Exception {
        hand(FLOOD);
    }

    /** The same, fewer at once. */
    @Benchmark
    @OperationsPerInvocation(TRICKLE)
    public void trickle() throws Exception {
        hand(TRICKLE);
    }

    /** One event: to the handlers, and back to the thread that handed it over. */
    @Benchmark
    public void one() throws Exception {
        hand(1);
    }

    private void hand(int events) throws Exception {
        CountDownLatch over = new CountDownLatch(matching);
        handlers.forEach(handler -> handler.expect(events, over));
        open.hand(events);
        if (!over.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    way + " lost events: " + over.getCount() + " of " + matching + " handlers still wait for some");
        }
    }
}
