// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;

/** A server that waits awake does all that one does that sleeps. */
class AwakeBusServerContractTest extends BusServerContractTest {
    @Override
    Duration busyPoll() {
        return Duration.ofSeconds(1);
    }
}
