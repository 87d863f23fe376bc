// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import org.callosum.core.HandlerEvent;
import org.callosum.core.RuntimeListener;
import org.callosum.transport.ConnectionStatus;

/** All listeners there are, as one: what one of them throws the others do not notice. Any thread. */
final class Listeners implements RuntimeListener {
    private final List<RuntimeListener> all = new CopyOnWriteArrayList<>();

    void add(RuntimeListener listener) {
        all.add(listener);
    }

    void remove(RuntimeListener listener) {
        all.remove(listener);
    }

    @Override
    public void happened(HandlerEvent event) {
        tell(listener -> listener.happened(event));
    }

    @Override
    public void thrownOff(ConnectionStatus client) {
        tell(listener -> listener.thrownOff(client));
    }

    private void tell(Consumer<RuntimeListener> fact) {
        for (RuntimeListener listener : all) {
            try {
                fact.accept(listener);
            } catch (Throwable theirs) {
                continue; // as it promises: the runtime's own thread has more to do
            }
        }
    }
}
