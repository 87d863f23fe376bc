// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.systemd;

/** Who has started this process and waits for news of it. The port to systemd. */
interface ServiceManager {
    /**
     * Tells it something, as {@code sd_notify(3)} lists it: {@code READY=1}, {@code WATCHDOG=1}, {@code STATUS=<text>}.
     *
     * @return whether it was sent
     */
    boolean tell(String... assignments);
}
