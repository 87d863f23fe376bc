// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

import org.callosum.eventadmin.Relay.Outcome;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class RelayTest {
    private final RecordingLogger log = new RecordingLogger();
    private final Tally full = new Tally("items found no room", System::nanoTime, log.logger());
    private final List<String> delivered = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore gate = new Semaphore(0);
    private final CountDownLatch entered = new CountDownLatch(1);
    private Relay<String> relay;

    @AfterEach
    void stop() {
        gate.release(1_000);
        relay.stop();
        assertThat(threads()).as("threads after the stop").isEmpty();
    }

    @Test
    void itemsAreDeliveredInOrder() {
        start(this::take);

        for (int n = 1; n <= 100; n++) {
            relay.offer("n" + n);
        }

        await("all").until(() -> delivered.size() == 100);
        assertThat(delivered).startsWith("n1", "n2", "n3").endsWith("n99", "n100");
    }

    @Test
    void whoOffersDoesNotWaitAndWhatFindsNoRoomIsCountedAndLogged() throws Exception {
        start(this::takeThroughTheGate);
        relay.resize(3, 1_000);
        relay.offer("a");
        entered.await(); // from here on none of the offers below is taken

        for (String item : List.of("b", "c", "d", "e")) {
            relay.offer(item);
        }
        assertThat(full.count()).as("found no room").isEqualTo(2);
        gate.release(3);

        await("what found room").untilAsserted(() -> assertThat(delivered).containsExactly("a", "b", "c"));
        await("said").untilAsserted(() -> assertThat(log.lines())
                .containsExactly("WARN 2 items found no room; 2 in all [events=2 events_in_all=2]"));
    }

    @Test
    void bytesAreLimitedTooButOneItemAlwaysFindsRoom() throws Exception {
        start(this::takeThroughTheGate);
        relay.resize(100, 5);
        relay.offer("larger than all the room");
        entered.await();

        relay.offer("x");
        assertThat(full.count()).isEqualTo(1);
        relay.resize(100, 1_000);
        relay.offer("y");
        gate.release(2);

        await("y").untilAsserted(() -> assertThat(delivered).containsExactly("larger than all the room", "y"));
    }

    @Test
    void whatIsNotDeliveredNowStaysTheFirst() {
        List<String> tried = Collections.synchronizedList(new ArrayList<>());
        start(item -> {
            tried.add(item);
            return tried.size() < 3 ? Outcome.LATER : take(item);
        });

        relay.offer("a");
        relay.offer("b");

        await("both").untilAsserted(() -> assertThat(delivered).containsExactly("a", "b"));
        assertThat(tried).containsExactly("a", "a", "a", "b");
    }

    @Test
    void anotherThreadGoesOnWithTheSameItem() {
        List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        start(item -> {
            threads.add(Thread.currentThread());
            return threads.size() == 1 ? Outcome.ON_A_NEW_THREAD : take(item);
        });

        relay.offer("a");

        await("a").untilAsserted(() -> assertThat(delivered).containsExactly("a"));
        assertThat(threads).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void aDeliveryThatThrowsCostsOneItem() {
        start(item -> {
            if (item.equals("bad")) {
                throw new IllegalStateException("the flux is not charged");
            }
            return take(item);
        });

        relay.offer("bad");
        relay.offer("good");

        await("the next").untilAsserted(() -> assertThat(delivered).containsExactly("good"));
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("ERROR test-relay could not deliver an event")
                .endsWith(" [relay=test-relay]");
    }

    @Test
    void aStopDeliversWhatItCanAndSaysWhatIsGivenUp() {
        start(item -> item.equals("stays") ? Outcome.LATER : take(item));
        relay.offer("goes");
        relay.offer("stays");
        relay.offer("behind it");

        relay.stop();

        assertThat(delivered).containsExactly("goes");
        assertThat(log.lines())
                .containsExactly("WARN test-relay stopped with 2 events not delivered: they are given up"
                        + " [relay=test-relay given_up_events=2]");
        relay.offer("late");
        assertThat(full.count()).isZero();
    }

    private void start(Relay.Delivery<String> delivery) {
        relay = new Relay<>("test-relay", String::length, delivery, full, List.of(), log.logger());
        relay.resize(1_000, 100_000);
        relay.start();
    }

    private Outcome take(String item) {
        delivered.add(item);
        return Outcome.DONE;
    }

    private Outcome takeThroughTheGate(String item) {
        entered.countDown();
        gate.acquireUninterruptibly();
        return take(item);
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("test-relay"))
                .toList();
    }
}
