// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.runtime;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Callosum;
import org.callosum.core.RuntimeListener;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Runs a {@link FactTeller} as a component and maps its configuration. */
@Component(
        service = {},
        immediate = true,
        configurationPid = RuntimeComponent.PID)
@Designate(ocd = RuntimeComponent.Config.class)
public final class RuntimeComponent {
    static final String PID = "org.callosum.runtime";

    /** How many facts wait for a moment in which they are emitted; the rest is left out and counted. */
    private static final int MAX_WAITING = 1_000;

    @ObjectClassDefinition(
            id = PID,
            name = "Callosum runtime tract",
            description = "What is told of the runtime itself, as messages of the tract 'runtime'. Every change takes"
                    + " effect at once.")
    @interface Config {
        @AttributeDefinition(name = "Enabled", description = "Whether anything is told.")
        boolean enabled() default true;

        @AttributeDefinition(
                name = "Pause",
                min = "0",
                max = "3600000",
                description =
                        "Milliseconds between two messages of the same event about the same handler, app or user; those"
                                + " between are counted in the next one.")
        long pauseMillis() default 10_000;

        @AttributeDefinition(
                name = "Rate",
                min = "1",
                max = "100000",
                description = "How many messages a minute are told in all.")
        int perMinute() default 120;
    }

    private final FactTeller teller;
    private final Limit limit;
    private final AppChanges apps;
    private final ThreadPoolExecutor executor;
    private final ServiceRegistration<RuntimeListener> registration;

    /** Begins to tell. */
    @Activate
    public RuntimeComponent(
            BundleContext context,
            @Reference Callosum callosum,
            @Reference(service = LoggerFactory.class) Logger logger,
            Config config) {
        // One thread, in the order in which things happen, and none while nothing does.
        executor = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), task -> {
            Thread thread = new Thread(task, "callosum-runtime-tract");
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
        limit = new Limit(pause(config), rate(config), System::nanoTime);
        teller = new FactTeller(callosum, executor, limit, config.enabled(), logger);
        apps = new AppChanges(context, teller::tell);
        registration = context.registerService(RuntimeListener.class, teller, null);
    }

    @Modified
    void modified(Config config) {
        limit.apply(pause(config), rate(config));
        teller.turn(config.enabled());
    }

    @Deactivate
    void deactivate() {
        registration.unregister();
        apps.close();
        executor.shutdown(); // what was told before is emitted still
    }

    private static Duration pause(Config config) {
        return Duration.ofMillis(Math.max(0, Math.min(3_600_000, config.pauseMillis())));
    }

    private static int rate(Config config) {
        return Math.max(1, Math.min(100_000, config.perMinute()));
    }
}
