// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Numbered events for the app that counts, from outside, for as long as it is wanted; and what the app answers.
 *
 * <p>So many are under way at a time that an app which is away has some parked, and so few that no limit of parking is met.
 *
 * <p><b>Threads.</b> One sends, one reads the answers; the test starts and ends both.
 */
final class NumberedTraffic implements AutoCloseable {
    /** An answer. */
    record Counted(int number, String version) {
        private static final Pattern FIELDS = Pattern.compile("(?=.*\"n\":(\\d+)).*\"version\":\"([^\"]*)\".*");

        static Counted parse(String line) {
            Matcher fields = FIELDS.matcher(line);
            if (!fields.matches()) {
                throw new AssertionError("The app answered '" + line + "'");
            }
            return new Counted(Integer.parseInt(fields.group(1)), fields.group(2));
        }
    }

    private static final int UNDER_WAY = 500;

    private final BusConnection sender;
    private final BusConnection listener;
    private final Semaphore room = new Semaphore(UNDER_WAY);
    private final CompletableFuture<Integer> sent;
    private final CompletableFuture<List<Counted>> answers;
    private volatile boolean isWanted = true;

    NumberedTraffic(Path socket) throws Exception {
        sender = new BusConnection(socket);
        listener = new BusConnection(socket);
        sent = CompletableFuture.supplyAsync(this::send);
        answers = CompletableFuture.supplyAsync(this::read);
    }

    /**
     * Ends it, when the app has answered the last event.
     *
     * @return the answers, in the order in which they came
     * @throws AssertionError if they are not one to each event, in the order of the events
     */
    List<Counted> end() throws Exception {
        isWanted = false;
        int last = sent.get();
        sender.send("{\"tract\":\"counter\",\"event\":\"count\",\"n\":0}");
        List<Counted> counted = answers.get();
        for (int i = 0; i < counted.size(); i++) {
            assertThat(counted.get(i).number())
                    .as("answer %d of %d", i + 1, last)
                    .isEqualTo(i + 1);
        }
        assertThat(counted).as("answers").hasSize(last);
        return counted;
    }

    @Override
    public void close() throws IOException {
        isWanted = false;
        sender.close();
        listener.close();
    }

    private int send() {
        int number = 0;
        try {
            while (isWanted) {
                // What is lost is never answered, and makes no room: then this waits, and the end shows what is
                // missing.
                if (room.tryAcquire(50, TimeUnit.MILLISECONDS)) {
                    number++;
                    sender.send("{\"tract\":\"counter\",\"event\":\"count\",\"n\":" + number + "}");
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("After " + number + " events", e);
        }
        return number;
    }

    /** All answers up to the one to the last event, whose number is 0; that one is not among them. */
    private List<Counted> read() {
        List<Counted> read = new ArrayList<>();
        try {
            while (true) {
                Counted next = Counted.parse(listener.next("\"counted\""));
                if (next.number() == 0) {
                    return read;
                }
                read.add(next);
                room.release();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("After " + read.size() + " answers", e);
        }
    }
}
