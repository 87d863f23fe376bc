// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a client counts.
 *
 * <p><b>Threads.</b> The loop counts, any thread reads.
 */
final class ClientCounters {
    final LongAdder reconnects = new LongAdder();
    final LongAdder framesIn = new LongAdder();
    final LongAdder framesOut = new LongAdder();
    final LongAdder bytesIn = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    final LongAdder invalid = new LongAdder();
    final LongAdder tooLong = new LongAdder();
    final LongAdder gaveUp = new LongAdder();

    /** All of them by name, in the order to be shown in. */
    Map<String, Long> byName(boolean isConnected, EmitQueue queue) {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("connected", isConnected ? 1L : 0L);
        all.put("queued", (long) queue.frames());
        all.put("queuedBytes", queue.bytes());
        all.put("reconnects", reconnects.sum());
        all.put("framesIn", framesIn.sum());
        all.put("framesOut", framesOut.sum());
        all.put("bytesIn", bytesIn.sum());
        all.put("bytesOut", bytesOut.sum());
        all.put("invalid", invalid.sum());
        all.put("tooLong", tooLong.sum());
        all.put("gaveUp", gaveUp.sum());
        return all;
    }
}
