// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.keyed;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** There is one of it for each configuration, and none without. Records each call with its own name and the event's number. */
@Component(
        service = EventHandler.class,
        configurationPid = "test.keyed",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@OnEvent(tract = "observe", event = "observed")
public final class Keyed implements CallosumEventHandler {
    /** What it is configured with. */
    public @interface Config {
        /** Its name. */
        String name() default "";
    }

    private final Consumer<String> calls;
    private final String name;

    /** With a reference of its own: one that is replaced replaces it. */
    @Activate
    public Keyed(
            @Reference(target = "(probe=calls)") Consumer<String> calls,
            @Reference(target = "(probe=gate)") Semaphore gate,
            Config config) {
        this.calls = calls;
        this.name = config.name();
    }

    @Override
    public void handle(EventContext context) {
        calls.accept(name + " " + context.msg().longNumber("n").orElseThrow());
    }
}
