// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.callosum.transport.ConnectionStatus;

/**
 * The last {@value #REMEMBERED} connections that are no more.
 *
 * <p><b>Threads.</b> Any thread.
 */
final class ClosedConnections {
    private static final int REMEMBERED = 100;

    /** Guarded by itself. */
    private final Deque<ConnectionStatus> last = new ArrayDeque<>();

    /** Remembers one, and forgets the oldest if there are too many. */
    void add(ConnectionStatus closed) {
        synchronized (last) {
            if (last.size() == REMEMBERED) {
                last.removeFirst();
            }
            last.addLast(closed);
        }
    }

    /** Those remembered, the oldest first. */
    List<ConnectionStatus> list() {
        synchronized (last) {
            return List.copyOf(last);
        }
    }
}
