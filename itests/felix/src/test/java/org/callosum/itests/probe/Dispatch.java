// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.probe;

import java.util.function.ToIntFunction;

import org.callosum.api.Message;
import org.callosum.core.Dispatcher;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Dispatches a message, given as JSON, and tells how many handlers were invoked. */
@Component(service = ToIntFunction.class, property = "probe=dispatch")
public final class Dispatch implements ToIntFunction<String> {
    private final Dispatcher dispatcher;

    @Activate
    public Dispatch(@Reference Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Override
    public int applyAsInt(String json) {
        return dispatcher.dispatch(Message.parse(json));
    }
}
