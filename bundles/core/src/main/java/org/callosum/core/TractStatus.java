// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.Objects;

/**
 * How much came of one tract. Immutable.
 *
 * @param tract its name, as it came from the bus: who shows it has to escape it
 * @param received events of it that were received since the start, the own ones included
 */
public record TractStatus(String tract, long received) {
    /** Checks that there is a name. */
    public TractStatus {
        Objects.requireNonNull(tract, "tract");
    }
}
