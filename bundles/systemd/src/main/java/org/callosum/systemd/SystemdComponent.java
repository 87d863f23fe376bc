// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.systemd;

import java.util.Map;

import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.condition.Condition;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Is active while all is up, and says so to systemd. An update of the core ends and starts it again, and stays within the
 * time that the watchdog allows.
 */
@Component(
        service = {},
        immediate = true)
public final class SystemdComponent {
    private final BundleContext context;
    private final ServiceManager systemd;
    private final Watchdog watchdog;
    private final boolean isWatched;

    /** Says that all is up, if systemd has started this process and waits for it. */
    @Activate
    public SystemdComponent(
            BundleContext context,
            @Reference(target = "(osgi.condition.id=callosum.ready)") Map.Entry<Map<String, Object>, Condition> ready,
            @Reference Bridge bridge,
            @Reference(service = LoggerFactory.class) Logger logger) {
        this.context = context;
        this.systemd = new SystemdNotify("systemd-notify", logger);
        this.watchdog = new Watchdog(new Movement(() -> state(bridge)), systemd, logger);
        Map<String, String> environment = System.getenv();
        this.isWatched = !environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty();
        if (isWatched) {
            Map<String, Object> facts = ready.getKey();
            systemd.tell(
                    "READY=1",
                    "STATUS=Bus on " + facts.get("socket") + ", " + facts.get("apps") + " apps, "
                            + facts.get("handlers") + " handlers at the start");
            Watchdog.limit(environment, ProcessHandle.current().pid()).ifPresent(watchdog::start);
        }
    }

    private static Movement.State state(Bridge bridge) {
        bridge.connections(); // the bus's own thread answers
        BridgeStatus status = bridge.status();
        return new Movement.State(status.dispatching(), status.queued(), status.oldestQueued(), status.dispatched());
    }

    @Deactivate
    void deactivate() {
        watchdog.close();
        if (isWatched && context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.STOPPING) {
            systemd.tell("STOPPING=1");
        }
    }
}
