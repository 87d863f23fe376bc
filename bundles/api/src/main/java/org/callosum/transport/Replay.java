// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.transport;

import java.io.IOException;
import java.io.InputStream;

/**
 * What came over a bus and is still kept, and then what comes.
 *
 * @param dropped how many messages came since the bus's start and are no longer kept
 * @param kept with how many the stream begins that came before it was asked for
 * @param frames the messages as they came, each ended by a line break, in the order of the bus. To read waits for the next; an
 *     interrupt ends it, with a {@link java.nio.channels.ClosedByInterruptException}. It ends when the bus does, or does not
 *     serve its reader any more
 */
public record Replay(long dropped, long kept, InputStream frames) implements AutoCloseable {
    @Override
    public void close() throws IOException {
        frames.close();
    }
}
