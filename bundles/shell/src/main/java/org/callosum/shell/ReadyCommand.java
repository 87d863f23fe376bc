// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.concurrent.TimeUnit;

import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.util.tracker.ServiceTracker;

/** {@code ready}: says nothing where all is up, which the core tells with a condition service, and fails where it is not. */
@Component(
        service = ReadyCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=ready"})
public final class ReadyCommand extends Command {
    private static final String CONDITION =
            "(&(objectClass=org.osgi.service.condition.Condition)(osgi.condition.id=callosum.ready))";

    private final BundleContext context;

    /** Finds the condition with this. */
    @Activate
    public ReadyCommand(BundleContext context) {
        this.context = context;
    }

    /**
     * {@code ready [--wait seconds]}.
     *
     * @throws IllegalStateException if not all is up, and does not come up in that time
     */
    @Descriptor("Fails unless all is up: the bus, the dispatcher, and the apps once. For scripts.")
    public void ready(
            @Descriptor("how many seconds to wait for it; default 0")
                    @Parameter(
                            names = {"-w", "--wait"},
                            absentValue = "0")
                    long seconds)
            throws InterruptedException, InvalidSyntaxException {
        if (seconds < 0) {
            throw Usage.READY.error("--wait " + seconds + " is out of range: 0 or more");
        }
        ServiceTracker<Object, Object> tracker =
                new ServiceTracker<>(context, FrameworkUtil.createFilter(CONDITION), null);
        tracker.open();
        try {
            boolean isReady = seconds > 0
                    ? tracker.waitForService(TimeUnit.SECONDS.toMillis(seconds)) != null
                    : tracker.getService() != null;
            if (!isReady) {
                throw new IllegalStateException(
                        "Not ready: the bus is not up, or no event is dispatched yet, since apps are awaited"
                                + (seconds > 0 ? "; it was waited for " + seconds + " s" : ""));
            }
        } finally {
            tracker.close();
        }
    }
}
