// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.systemd;

import java.time.Duration;
import java.util.function.Supplier;

/** Stands as a test says. */
final class FakeState implements Supplier<Movement.State> {
    boolean dispatching = true;
    long queued;
    long dispatched;
    RuntimeException busFailure;

    @Override
    public Movement.State get() {
        if (busFailure != null) {
            throw busFailure;
        }
        return new Movement.State(dispatching, queued, Duration.ofSeconds(7), dispatched);
    }
}
