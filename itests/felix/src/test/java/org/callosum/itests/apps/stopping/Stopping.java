// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.stopping;

import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Stops its own bundle when it is called, and records that it then still runs. */
@Component(service = EventHandler.class)
@OnEvent(tract = "observe", event = "observed")
public final class Stopping implements CallosumEventHandler {
    private final BundleContext context;
    private final Consumer<String> calls;

    @Activate
    public Stopping(BundleContext context, @Reference(target = "(probe=calls)") Consumer<String> calls) {
        this.context = context;
        this.calls = calls;
    }

    @Override
    public void handle(EventContext event) throws BundleException {
        context.getBundle().stop();
        calls.accept("stopping stopped itself");
    }
}
