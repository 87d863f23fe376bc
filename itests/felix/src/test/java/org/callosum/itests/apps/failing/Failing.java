// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.failing;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Cannot be activated while the test says that it is broken. */
@Component(service = EventHandler.class)
@OnEvent(tract = "observe", event = "observed")
public final class Failing implements CallosumEventHandler {
    private final Consumer<String> calls;

    @Activate
    public Failing(
            @Reference(target = "(probe=calls)") Consumer<String> calls,
            @Reference(target = "(probe=broken)") AtomicBoolean broken) {
        this.calls = calls;
        if (broken.get()) {
            throw new IllegalStateException("the flux is not charged");
        }
    }

    @Override
    public void handle(EventContext context) {
        calls.accept("failing recovered");
    }
}
