// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Row 'broadcast', between processes that come and go, some of them killed: what the bus promises to those that live, and of what
 * those that were killed had sent.
 *
 * <ul>
 *   <li>A receiver gets, from its greeting on, every frame of the one order, each once: to the end if it stays, up to some frame if
 *       it leaves or is killed.
 *   <li>Of each sender the order holds the frames 1, 2, 3 … without a gap, in this order. Of one that was killed at least those
 *       whose bytes its socket had taken; what it had not sent completely is no frame, or a whole one.
 * </ul>
 *
 * <p>A round takes some seconds; the system property {@code callosum.wire.seconds} says for how long there are rounds.
 */
@ExtendWith(WireBus.Resolver.class)
class TotalOrderIT {
    /** Ends a round. */
    static final NumberedFrame END = new NumberedFrame(0, 0);

    private static final int SENDERS = 8;
    private static final int RECEIVERS = 8;

    /** In each something comes and something goes. */
    private static final int STEPS = 6;

    @TempDir
    private Path folder;

    @Test
    void livingReceiversGetEveryFrameOfTheOneOrderWhoeverComesAndGoesOrIsKilled(WireBus bus) throws Exception {
        long end = System.nanoTime() + Long.getLong("callosum.wire.seconds") * 1_000_000_000;
        long seed = System.currentTimeMillis();
        int rounds = 0;
        long frames = 0;
        do {
            frames += new Round(bus.socket(), Files.createDirectory(folder.resolve("round" + rounds)), seed).run();
            rounds++;
            seed++;
        } while (System.nanoTime() < end);
        System.out.println(rounds + " rounds, " + frames + " frames to " + RECEIVERS + " receivers and " + SENDERS
                + " senders at a time");
    }

    /** One order, from a first frame to a last one. */
    private static final class Round {
        private final Path socket;
        private final Path folder;
        private final Random random;
        private final String seed;
        private final String tract = "order-" + UUID.randomUUID();
        private final List<WireProcess> senders = new ArrayList<>();
        private final List<WireProcess> receivers = new ArrayList<>();
        private final List<WireProcess> all = new ArrayList<>();

        Round(Path socket, Path folder, long seed) {
            this.socket = socket;
            this.folder = folder;
            this.random = new Random(seed);
            this.seed = "seed " + seed;
        }

        long run() throws Exception {
            try {
                // Whoever is there from before the first frame to the last one has the whole order.
                WireProcess witness = receiver();
                receivers.remove(witness);
                for (int i = 0; i < RECEIVERS; i++) {
                    receiver();
                }
                for (int i = 0; i < SENDERS; i++) {
                    sender();
                }
                for (int step = 0; step < STEPS; step++) {
                    step();
                }
                for (WireProcess each : senders) {
                    each.end();
                }
                for (WireProcess each : senders) {
                    each.awaitLine("done");
                }
                try (Peer closing = Peer.join(socket)) {
                    closing.send(END.toLine(tract));
                    closing.sync();
                }
                witness.awaitLine("done");
                for (WireProcess each : receivers) {
                    each.awaitLine("done");
                }
                long[] order = seenBy(witness);
                check(order);
                return order.length;
            } finally {
                all.forEach(WireProcess::close);
            }
        }

        private void step() throws Exception {
            WireProcess sender = senders.remove(random.nextInt(senders.size()));
            sender.awaitLine("1000"); // is in the middle of it
            if (random.nextInt(3) > 0) {
                sender.kill();
            } else {
                sender.end();
                sender.awaitLine("done");
            }
            sender();
            WireProcess receiver = receivers.remove(random.nextInt(receivers.size()));
            if (random.nextInt(3) > 0) {
                receiver.kill();
            } else {
                receiver.end();
                receiver.awaitLine("left");
            }
            receiver();
        }

        private void sender() throws IOException {
            WireProcess sender =
                    WireProcess.start(SenderProcess.class, all.size() + 1, socket.toString(), tract, number());
            senders.add(sender);
            all.add(sender);
        }

        private WireProcess receiver() throws Exception {
            String number = number();
            WireProcess receiver = WireProcess.start(
                    ReceiverProcess.class,
                    all.size() + 1,
                    socket.toString(),
                    tract,
                    number,
                    folder.resolve(number).toString());
            receivers.add(receiver);
            all.add(receiver);
            receiver.awaitLine("joined");
            return receiver;
        }

        private String number() {
            return Integer.toString(all.size() + 1);
        }

        private void check(long[] order) throws Exception {
            assertThat(order[order.length - 1]).as("the last one; %s", seed).isEqualTo(key(END));
            Map<Integer, Integer> highest = new HashMap<>();
            Map<Integer, Integer> greetings = new HashMap<>();
            for (int i = 0; i < order.length - 1; i++) {
                int from = (int) (order[i] >> 32);
                int number = (int) order[i];
                if (number == 0) {
                    assertThat(greetings.put(from, i))
                            .as("greetings of %d before this one; %s", from, seed)
                            .isNull();
                } else {
                    assertThat(number)
                            .as("what follows frame %s of sender %d; %s", highest.get(from), from, seed)
                            .isEqualTo(highest.merge(from, 1, Integer::sum));
                }
            }
            for (WireProcess each : all) {
                if (each.isOf(SenderProcess.class)) {
                    assertThat(highest.getOrDefault(each.number(), 0))
                            .as("frames of sender %d in the order; %s", each.number(), seed)
                            .isGreaterThanOrEqualTo(each.highestSaid());
                } else {
                    long[] seen = seenBy(each);
                    if (seen.length == 0) {
                        assertThat(each.wasKilled()).isTrue(); // before it wrote anything down
                        continue;
                    }
                    int from = greetings.get(each.number());
                    assertThat(seen.length)
                            .as("frames that receiver %d got; %s", each.number(), seed)
                            .isLessThanOrEqualTo(order.length - from);
                    int different = Arrays.mismatch(seen, Arrays.copyOfRange(order, from, from + seen.length));
                    assertThat(different)
                            .as(
                                    "where receiver %d first differs from the order, from its greeting on; %s",
                                    each.number(), seed)
                            .isEqualTo(-1);
                    if (receivers.contains(each)) {
                        assertThat(from + seen.length)
                                .as("receiver %d got all; %s", each.number(), seed)
                                .isEqualTo(order.length);
                    }
                }
            }
        }

        /** What a receiver wrote down; of one that was killed as much as it had time to. */
        private long[] seenBy(WireProcess receiver) throws IOException {
            Path file = folder.resolve(Integer.toString(receiver.number()));
            if (!Files.exists(file)) {
                return new long[0];
            }
            long[] seen = new long[(int) (Files.size(file) / Long.BYTES)];
            ByteBuffer.wrap(Files.readAllBytes(file)).asLongBuffer().get(seen);
            return seen;
        }

        private static long key(NumberedFrame frame) {
            return (long) frame.sender() << 32 | frame.number();
        }
    }
}
