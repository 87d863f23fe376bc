// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.trouble;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.event.EventHandler;

/** Throws. */
@Component(service = EventHandler.class)
@OnEvent(tract = "trouble", event = "throw")
public final class Throws implements CallosumEventHandler {
    @Override
    public void handle(EventContext context) {
        throw new IllegalStateException("the flux is not charged");
    }
}
