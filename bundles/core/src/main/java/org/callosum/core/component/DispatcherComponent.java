// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

import org.callosum.core.Dispatcher;
import org.callosum.core.RuntimeListener;
import org.callosum.core.dispatch.Gaps;
import org.callosum.core.dispatch.ParkingLimits;
import org.callosum.core.dispatch.QuarantineRule;
import org.callosum.core.dispatch.SerialDispatcher;
import org.callosum.core.dispatch.Settings;
import org.callosum.core.dispatch.Ticker;
import org.callosum.core.whiteboard.ActivationFailures;
import org.callosum.core.whiteboard.BundleWhereabouts;
import org.callosum.core.whiteboard.Whiteboard;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Runs a {@link SerialDispatcher} over a {@link Whiteboard} as a component, and registers it as the {@link Dispatcher} while it
 * dispatches. The rules of dispatch are not here.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = CoreConfig.PID)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"org.callosum.core.Dispatcher\"",
        uses = Dispatcher.class)
@Designate(ocd = CoreConfig.class)
public final class DispatcherComponent {
    private final Logger logger;
    private final Whiteboard whiteboard;
    private final SerialDispatcher dispatcher;
    private final Listeners listeners = new Listeners();
    private final ServiceRegistration<Dispatcher> registration;

    /** Starts to dispatch to the handlers that are there. */
    @Activate
    public DispatcherComponent(
            BundleContext context,
            @Reference ServiceComponentRuntime components,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        this.logger = logger;
        whiteboard = new Whiteboard(context, new ActivationFailures(components), logger);
        dispatcher = new SerialDispatcher(
                whiteboard::routes,
                whiteboard::handlers,
                new BundleWhereabouts(context, components),
                new Gaps(InstantSource.system()),
                settings(configuration),
                limits(configuration),
                Ticker.SYSTEM,
                logger);
        dispatcher.report(listeners);
        dispatcher.start();
        whiteboard.open(dispatcher); // here and below: a constructor that throws is never deactivated
        registration = context.registerService(Dispatcher.class, dispatcher, null);
    }

    @Modified
    void modified(Map<String, Object> configuration) {
        dispatcher.apply(settings(configuration), limits(configuration));
    }

    @Deactivate
    void deactivate() {
        registration.unregister(); // first: the bridge drains into a dispatcher that runs
        dispatcher.stop();
        whiteboard.close();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addListener(RuntimeListener listener) {
        listeners.add(listener);
    }

    void removeListener(RuntimeListener listener) {
        listeners.remove(listener);
    }

    private ParkingLimits limits(Map<String, Object> configuration) {
        Numbers numbers = new Numbers(configuration, logger);
        return new ParkingLimits(
                Duration.ofMillis(
                        numbers.get("parkMillis", ParkingLimits.DEFAULT.time().toMillis(), 0, 3_600_000)),
                (int) numbers.get("parkEvents", ParkingLimits.DEFAULT.events(), 0, 10_000_000),
                numbers.get("parkBytes", ParkingLimits.DEFAULT.bytes(), 0, 1L << 34));
    }

    private Settings settings(Map<String, Object> configuration) {
        Numbers numbers = new Numbers(configuration, logger);
        long longest = Settings.MAX_TIMEOUT.toMillis();
        QuarantineRule rule = QuarantineRule.DEFAULT;
        long timeout = numbers.get("timeoutMillis", Settings.DEFAULT.timeout().toMillis(), 1, longest);
        long maxCoolDown = numbers.get("maxCoolDownMillis", rule.maxCoolDown().toMillis(), 1, 86_400_000);
        return new Settings(
                (int) numbers.get("workers", Settings.DEFAULT.workers(), 1, Settings.MAX_WORKERS),
                Duration.ofMillis(timeout),
                Duration.ofMillis(Math.max(timeout, numbers.get("maxTimeoutMillis", 0, 0, longest))),
                (int) numbers.get("softPercent", Settings.DEFAULT.softPercent(), 0, 100),
                Boolean.parseBoolean(String.valueOf(configuration.get("interrupt"))),
                new QuarantineRule(
                        (int) numbers.get("quarantineAfter", rule.after(), 0, 1_000_000),
                        Duration.ofMillis(numbers.get(
                                "coolDownMillis",
                                Math.min(maxCoolDown, rule.coolDown().toMillis()),
                                1,
                                maxCoolDown)),
                        Duration.ofMillis(maxCoolDown),
                        (int) numbers.get("writtenOffEach", rule.writtenOffEach(), 1, 1_000_000),
                        (int) numbers.get("writtenOff", rule.writtenOff(), 1, 1_000_000)),
                Duration.ofMillis(numbers.get("holdUpMillis", Settings.HOLD_UP.toMillis(), 0, longest)));
    }
}
