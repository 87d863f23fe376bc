// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.spill;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * Keeps events on disk, in order, for as long as memory has no place for them, and over the end of the process.
 *
 * <p>An event is there until it is {@link #done}. Those that were not are read first after the next {@link #open}, and the
 * one that was {@link #underWay} is marked as {@linkplain org.callosum.api.Message#isRedelivered() redelivered}.
 *
 * <p><b>Threads.</b> One thread at a time, but for {@link #underWay} and {@link #done}, which one other thread calls, and the
 * numbers, which any may ask for.
 */
public interface Spill extends AutoCloseable {
    /** Is told what the spill could not keep. Called by the thread that opens or reads. */
    @FunctionalInterface
    interface Losses {
        /** Events could not be read back, nobody knows how many: they were written between these two moments. */
        void lost(Instant from, Instant to);
    }

    /**
     * Takes what an earlier process left. Called once, before all else. Where nothing was left, nothing is touched.
     *
     * @throws IOException if it cannot be used, with what to do about it: nothing else may be called then
     */
    void open(Losses losses) throws IOException;

    /**
     * Writes events behind all others. When it returns they survive the process.
     *
     * @throws IOException if they could not be written: none of them is there then, and what was there before still is
     */
    void append(List<Spilled> events) throws IOException;

    /**
     * Writes events before all others that are not done. For the end: {@link #read} does not give them.
     *
     * @throws IOException if they could not be written: none of them is there then, and what was there before still is
     */
    void prepend(List<Spilled> events) throws IOException;

    /**
     * The next events, each given once; empty if there is none. What cannot be read is set aside, logged and told to the
     * {@link Losses}.
     *
     * @param mostBytes about how long their texts may be together; one is given in any case
     */
    List<Spilled> read(long mostBytes);

    /** The event at this position is being handed on, and all before it are done. */
    void underWay(long position);

    /** The event at this position and all before it are done. */
    void done(long position);

    /** Gives back the space of what is done. */
    void trim();

    /** How many events are there and not read. */
    long count();

    /** The size of the files. */
    long bytes();

    /** When the oldest event that is not read was received, in milliseconds since 1970; empty if there is none. */
    OptionalLong oldestMillis();

    /** Where it is, for a log line. */
    @Override
    String toString();

    /** Lets go of the files. */
    @Override
    void close();
}
