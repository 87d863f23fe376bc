// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.Map;

import org.callosum.api.Callosum;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Runs a {@link Bridge} as a component while there is a configuration of {@value #PID}.
 *
 * <p>Core and EventAdmin may come and go: what crosses waits for them.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = EventAdminComponent.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = EventAdminComponent.Config.class)
public final class EventAdminComponent {
    static final String PID = "org.callosum.eventadmin";

    /** The settings, for whoever edits them; {@link Settings} reads them, so that a bad one stops nothing. */
    @ObjectClassDefinition(
            id = PID,
            name = "Callosum EventAdmin bridge",
            description = "Which messages of the bus are posted to EventAdmin, and which of its events become messages."
                    + " Every change takes effect at once.")
    @interface Config {
        @AttributeDefinition(
                name = "Tracts",
                description =
                        "The tracts whose messages are posted, under the topic callosum/<tract>/<event>; * is every"
                                + " one. None: nothing is posted.")
        String[] tracts() default {};

        @AttributeDefinition(
                name = "Topics",
                description = "The topics whose events become messages; * as last part is everything below, alone"
                        + " everything. None: nothing is emitted.")
        String[] topics() default {};

        @AttributeDefinition(
                name = "Tract",
                description = "The tract of those messages. The last part of the topic is their event.")
        String tract() default "";

        @AttributeDefinition(
                name = "Queued events",
                min = "1",
                max = "10000000",
                description = "How many events may wait, each way. What comes when they do is given up.")
        int queueEvents() default 10_000;

        @AttributeDefinition(
                name = "Queued bytes",
                min = "1",
                max = "17179869184",
                description = "Bytes of messages that may wait for EventAdmin.")
        long queueBytes() default 16_777_216;

        @AttributeDefinition(
                name = "Stall",
                min = "1",
                max = "3600000",
                description =
                        "Milliseconds without an event handed on after which a handler behind EventAdmin is taken to"
                                + " hang, and later events are posted past it. More than EventAdmin's own time-out.")
        long stallMillis() default 10_000;
    }

    private final Logger logger;
    private final Bridge bridge;

    /** Called by Declarative Services. */
    @Activate
    public EventAdminComponent(
            BundleContext context,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        this.logger = logger;
        bridge = new Bridge(
                (handler, properties) -> new Service(
                        context.registerService(EventHandler.class, handler, FrameworkUtil.asDictionary(properties))),
                System::nanoTime,
                logger);
        bridge.apply(Settings.of(configuration, logger));
    }

    @Modified
    void modified(Map<String, Object> configuration) {
        bridge.apply(Settings.of(configuration, logger));
    }

    @Deactivate
    void deactivate() {
        bridge.stop();
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void setEventAdmin(EventAdmin eventAdmin) {
        bridge.use(eventAdmin);
    }

    void unsetEventAdmin(EventAdmin eventAdmin) {
        bridge.leave(eventAdmin);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void setCallosum(Callosum callosum) {
        bridge.use(callosum);
    }

    void unsetCallosum(Callosum callosum) {
        bridge.leave(callosum);
    }

    private record Service(ServiceRegistration<EventHandler> registration) implements Registrar.Registration {
        @Override
        public void set(Map<String, Object> properties) {
            registration.setProperties(FrameworkUtil.asDictionary(properties));
        }

        @Override
        public void close() {
            registration.unregister();
        }
    }
}
