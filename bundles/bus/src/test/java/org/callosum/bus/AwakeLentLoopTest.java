// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

/** A guest that waits awake does all that one does that sleeps. */
class AwakeLentLoopTest extends LentLoopTest {
    @Override
    ServerSettings settings() {
        return ServedBus.awake();
    }
}
