// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.trouble;

import java.util.concurrent.ThreadFactory;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Refers to a service that is not there until the test gives it. */
@Component(service = EventHandler.class)
@OnEvent(tract = "trouble", event = "lack")
public final class Lacks implements CallosumEventHandler {
    /** With what it lacks. */
    @Activate
    public Lacks(@Reference(name = "threads", target = "(probe=missing)") ThreadFactory threads) {}

    @Override
    public void handle(EventContext context) {}
}
