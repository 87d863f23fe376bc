// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.echo;

import java.util.Map;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Answers each question with its number, and the version that it has, under the name of its app. */
@Component(service = EventHandler.class)
@OnEvent(tract = "echo", event = "asked")
public final class Echo implements CallosumEventHandler {
    private final Callosum callosum;
    private final String version;

    @Activate
    public Echo(BundleContext context, @Reference Callosum callosum) {
        this.callosum = callosum;
        this.version = context.getBundle().getVersion().toString();
    }

    @Override
    public void handle(EventContext context) {
        long n = context.msg().longNumber("n").orElseThrow();
        callosum.emit(context.app(), "answered", Map.of("n", n, "version", version));
    }
}
