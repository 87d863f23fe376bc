// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.Collection;
import java.util.function.Supplier;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * The memory that a server holds for messages, all its clients together, and the one place that bounds it: by
 * {@link ServerSettings#memoryBytes()}, in eighths of that.
 *
 * <table>
 * <caption>Who takes how much of it</caption>
 * <tr><td>2</td><td>the log, for the client that is furthest behind: there the senders wait</td></tr>
 * <tr><td>2</td><td>the log, for the last frame of theirs, and the chunk in which frames are put now</td></tr>
 * <tr><td>2</td><td>the log, for what this runtime emits beyond that, and the last frame of it</td></tr>
 * <tr><td>1</td><td>what this runtime has emitted and is not in the log yet</td></tr>
 * <tr><td>1, and all that the log does not take</td><td>frames that clients have begun to send, and ends of frames that
 * send-only clients have begun to get</td></tr>
 * </table>
 *
 * <p>So a frame and the own allowance are an eighth at most. What clients have begun is in nobody's way: where there is no more
 * room, for one of them or for the log, the longest of all unfinished frames is dropped, and its sender goes on with its next
 * line. Chunks count with all their bytes, filled or not, those that are kept to be used again, too.
 *
 * <p>Beside it there are a buffer to read into, one of the JDK's, and what one client holds of a read that there was no room for: less
 * than a megabyte, which does not grow.
 *
 * <p><b>Threads.</b> The server's loop.
 */
final class BusMemory {
    private final Collection<ServedClient> clients;
    private final Supplier<ServerSettings> settings;
    private final ServerCounters counters;
    private final Logger logger;

    /** What gives memory of the log back that is only kept. */
    private Runnable spare = () -> {};

    private long logBytes;
    private long unfinishedBytes;

    /**
     * Makes one of which nothing is taken.
     *
     * @param clients all clients there are, now and later: looked at, not copied
     */
    BusMemory(
            Collection<ServedClient> clients,
            Supplier<ServerSettings> settings,
            ServerCounters counters,
            Logger logger) {
        this.clients = clients;
        this.settings = settings;
        this.counters = counters;
        this.logger = logger;
    }

    /** Sets what gives memory of the log back that is only kept. */
    void spareBy(Runnable how) {
        spare = how;
    }

    /** Takes memory for the log, which always gets it: it is bounded by those who put frames into it. */
    void takeForLog(int bytes) {
        makeRoom(bytes, null, 0);
        logBytes += bytes;
    }

    /** Is told that the log has given some up. */
    void giveBackOfLog(int bytes) {
        logBytes -= bytes;
    }

    /** What a client takes of it. */
    Room of(ServedClient client) {
        return new Room() {
            @Override
            public boolean take(int bytes) {
                if (!makeRoom(bytes, client, (long) client.splitter().unfinishedBytes() + bytes)) {
                    return false;
                }
                unfinishedBytes += bytes;
                return true;
            }

            @Override
            public void giveBack(int bytes) {
                unfinishedBytes -= bytes;
            }
        };
    }

    /** How much is taken, but for what this runtime has emitted and is not in the log yet. */
    long bytes() {
        return logBytes + unfinishedBytes;
    }

    /**
     * Sees to it that there is room, at the cost of unfinished frames that are longer than what it is for.
     *
     * @param asking whose frame it is for; {@code null} if it is for the log
     * @param length how long that is with it
     * @return whether there is
     */
    private boolean makeRoom(long bytes, ServedClient asking, long length) {
        long limit = settings.get().memoryBytes() - settings.get().eighthOfMemory();
        if (bytes() + bytes > limit) {
            spare.run();
            clients.forEach(each -> each.splitter().spare());
        }
        while (bytes() + bytes > limit) {
            ServedClient longest = longestUnfinished(asking);
            if (longest == null || longest.splitter().unfinishedBytes() <= length) {
                return false;
            }
            longest.splitter().dropUnfinished();
            counters.tooLong.increment();
            count(longest);
        }
        return true;
    }

    private ServedClient longestUnfinished(ServedClient asking) {
        ServedClient longest = null;
        int most = 0;
        for (ServedClient client : clients) {
            int bytes = client.splitter().unfinishedBytes();
            if (bytes > most && client != asking) {
                most = bytes;
                longest = client;
            }
        }
        return longest;
    }

    /** Counts and reports a frame of a client that there was no room for. */
    void count(ServedClient client) {
        counters.noRoom.increment();
        if (client.complaints().isOver(System.nanoTime())) {
            logger.warn(
                    "Frame of {} is dropped before its end: there is no room for more unfinished frames, and this is the longest;"
                            + " the bus may hold {} bytes in all: send less at once, or raise 'memoryBytes'{}{}",
                    client,
                    settings.get().memoryBytes(),
                    client.complaints().suppressed(),
                    client.keyValues()
                            .and(KeyValues.of("reason", "no room"))
                            .and(settings.get().memoryKeyValues())
                            .and(client.complaints().keyValues()));
        }
    }
}
