// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.core.DelayStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/** Sums that are made now and then are those that counting each event at each invocation gives. */
class DelaysTest {
    private static final int HANDLERS = 5;
    private static final long MILLI = 1_000_000;

    private record Slow(int handler, long start, long end) {}

    private final Handlers handlers = new Handlers();
    private List<Handler> all;
    private Delays delays;

    // What is expected, by the rule as it stands in dispatch.md.
    private List<Slow> slow;
    private long[] caused;
    private long longest;

    /** Before each try, too. */
    private void begin() {
        all = IntStream.range(0, HANDLERS)
                .mapToObj(i -> handlers.add("a", "e" + i, context -> {}))
                .toList();
        delays = new Delays(InstantSource.fixed(Instant.EPOCH));
        slow = new ArrayList<>();
        caused = new long[HANDLERS];
        longest = 0;
    }

    @Property(tries = 300)
    void eachHandlerCausedWhatTheEventsWaitedForIt(@ForAll Random random) {
        begin();
        long now = -50 * MILLI; // a clock may begin anywhere
        for (int round = 0; round < 60; round++) {
            long began = now;
            now = runSome(random, now);
            now = waitSome(random, began, now);
            if (random.nextInt(10) == 0) {
                assertSums();
            }
        }
        assertSums();
    }

    /** The slow handlers of one event, which may overlap; some end before others begin. */
    private long runSome(Random random, long from) {
        List<Slow> ofEvent = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            long start = from + random.nextLong(8 * MILLI);
            ofEvent.add(new Slow(random.nextInt(HANDLERS), start, start + MILLI + random.nextLong(9 * MILLI)));
        }
        ofEvent.sort(Comparator.comparingLong(Slow::end));
        for (Slow each : ofEvent) {
            add(each);
        }
        return ofEvent.isEmpty() ? from : ofEvent.get(ofEvent.size() - 1).end();
    }

    /** Events whose turn comes one after the other, and that came at any time before. */
    private long waitSome(Random random, long began, long from) {
        long now = from;
        for (int i = random.nextInt(30); i > 0; i--) {
            now += random.nextLong(MILLI / 4);
            long since = random.nextBoolean()
                    ? began + random.nextLong(now - began + 1)
                    : now - random.nextLong(200 * MILLI);
            wait(since, now);
        }
        return now;
    }

    private void add(Slow each) {
        slow.add(each);
        Handler handler = all.get(each.handler());
        EventContext context = new EventContext(message(handler), "app", () -> Instant.MAX);
        delays.add(new Invocation(handler, context, null, each.start()), each.end());
    }

    private void wait(long since, long now) {
        if (now - since >= Delays.LEAST_NANOS) {
            long sum = 0;
            for (Slow each : slow) {
                long delay = Math.max(0, each.end() - Math.max(each.start(), since));
                caused[each.handler()] += delay;
                sum += delay;
            }
            longest = sum == 0 ? longest : Math.max(longest, now - since);
        }
        delays.waited(Message.of("any", "event", Map.of()), since, now);
    }

    private void assertSums() {
        delays.sum();
        assertThat(all)
                .extracting(handler -> handler.times().status().delayCaused().toNanos())
                .containsExactly(caused[0], caused[1], caused[2], caused[3], caused[4]);
        assertThat(delays.longest().stream()
                        .map(DelayStatus::waited)
                        .mapToLong(Duration::toNanos)
                        .findFirst()
                        .orElse(0))
                .isEqualTo(longest);
    }

    @Test
    void theLongestWaitOfEachCauseIsKeptWithItsCauses() {
        begin();
        add(new Slow(0, 0, 30 * MILLI));
        wait(10 * MILLI, 30 * MILLI);
        wait(5 * MILLI, 31 * MILLI);
        wait(12 * MILLI, 32 * MILLI);
        add(new Slow(1, 40 * MILLI, 50 * MILLI));
        add(new Slow(2, 45 * MILLI, 52 * MILLI));
        wait(46 * MILLI, 60 * MILLI);

        assertThat(delays.longest())
                .hasSize(2)
                .satisfiesExactly(
                        first -> {
                            assertThat(first.waited()).isEqualTo(Duration.ofMillis(26));
                            assertThat(first.causes())
                                    .extracting(DelayStatus.Cause::handler, DelayStatus.Cause::waited)
                                    .containsExactly(tuple("Handler1", Duration.ofMillis(25)));
                        },
                        second -> {
                            assertThat(second.waited()).isEqualTo(Duration.ofMillis(14));
                            assertThat(second.causes())
                                    .extracting(DelayStatus.Cause::handler, DelayStatus.Cause::waited)
                                    .containsExactly(
                                            tuple("Handler3", Duration.ofMillis(6)),
                                            tuple("Handler2", Duration.ofMillis(4)));
                        });
    }

    private static Message message(Handler handler) {
        return Message.of("a", "e" + handler.serviceId(), Map.of());
    }
}
