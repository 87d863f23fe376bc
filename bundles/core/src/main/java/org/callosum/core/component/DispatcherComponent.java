// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.core.DelayStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.EventSource;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.core.dispatch.Gaps;
import org.callosum.core.dispatch.ParkingLimits;
import org.callosum.core.dispatch.QuarantineRule;
import org.callosum.core.dispatch.SerialDispatcher;
import org.callosum.core.dispatch.Settings;
import org.callosum.core.dispatch.Ticker;
import org.callosum.core.whiteboard.ActivationFailures;
import org.callosum.core.whiteboard.BundleWhereabouts;
import org.callosum.core.whiteboard.Whiteboard;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/** Runs a {@link SerialDispatcher} over a {@link Whiteboard} as a component. The rules of dispatch are not here. */
@Component(service = Dispatcher.class, immediate = true, configurationPid = CoreConfig.PID)
@Designate(ocd = CoreConfig.class)
public final class DispatcherComponent implements Dispatcher {
    private final Logger logger;
    private final Whiteboard whiteboard;
    private final SerialDispatcher dispatcher;

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
        dispatcher.start();
        whiteboard.open(dispatcher); // last: a constructor that throws is never deactivated
    }

    @Modified
    void modified(Map<String, Object> configuration) {
        dispatcher.apply(settings(configuration), limits(configuration));
    }

    @Deactivate
    void deactivate() {
        dispatcher.stop();
        whiteboard.close();
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

    @Override
    public int dispatch(Message message) {
        return dispatcher.dispatch(message);
    }

    @Override
    public void follow(EventSource source) {
        dispatcher.follow(source);
    }

    @Override
    public void unfollow(EventSource source) {
        dispatcher.unfollow(source);
    }

    @Override
    public Optional<Message> handling() {
        return dispatcher.handling();
    }

    @Override
    public void wake() {
        dispatcher.wake();
    }

    @Override
    public void lost(Message message, Gap.Reason reason) {
        dispatcher.lost(message, reason);
    }

    @Override
    public void lost(Gap gap) {
        dispatcher.lost(gap);
    }

    @Override
    public int handlerCount() {
        return dispatcher.handlerCount();
    }

    @Override
    public void start() {
        dispatcher.start();
    }

    @Override
    public void stop() {
        dispatcher.stop();
    }

    @Override
    public boolean isRunning() {
        return dispatcher.isRunning();
    }

    @Override
    public List<HandlerStatus> handlers() {
        return dispatcher.handlers();
    }

    @Override
    public List<InvocationStatus> slow() {
        return dispatcher.slow();
    }

    @Override
    public List<DelayStatus> delays() {
        return dispatcher.delays();
    }

    @Override
    public void release(long serviceId) {
        dispatcher.release(serviceId);
    }

    @Override
    public List<ParkedStatus> parked() {
        return dispatcher.parked();
    }

    @Override
    public List<ParkedStatus> parkedBefore() {
        return dispatcher.parkedBefore();
    }
}
