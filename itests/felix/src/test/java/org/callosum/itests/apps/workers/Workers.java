// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.workers;

import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Shows the test the threads that it is called on. */
@Component(service = EventHandler.class)
@OnEvent(tract = "observe", event = "observed")
public final class Workers implements CallosumEventHandler {
    private final Consumer<Thread> threads;

    @Activate
    public Workers(@Reference(target = "(probe=threads)") Consumer<Thread> threads) {
        this.threads = threads;
    }

    @Override
    public void handle(EventContext context) {
        threads.accept(Thread.currentThread());
    }
}
