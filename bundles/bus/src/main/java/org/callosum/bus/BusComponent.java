// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;

import org.callosum.api.KeyValues;
import org.callosum.journal.Journal;
import org.callosum.transport.Transport;
import org.osgi.annotation.bundle.Capability;
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
import org.osgi.service.metatype.annotations.Option;

/**
 * Starts an end of the bus as configured and publishes it as a {@link Transport}, once it is usable. The rules of the wire
 * are not here.
 *
 * <p>What cannot be started is reported and not published; the next change of the configuration tries again.
 *
 * <p><b>Threads.</b> The component runtime calls one method at a time.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = BusComponent.PID)
@Designate(ocd = BusComponent.Config.class)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"org.callosum.transport.Transport\"",
        effective = "active")
public final class BusComponent {
    /** The PID of its configuration. */
    static final String PID = "org.callosum.bus";

    /** Its settings. */
    @ObjectClassDefinition(
            name = "Callosum bus",
            description = "The bus on its Unix socket: where it is, who serves it, and what its limits are.")
    public @interface Config {
        /** Which end of the bus to be. */
        @AttributeDefinition(
                name = "Mode",
                description =
                        "'server' serves the bus; 'client' connects to one, now or when there is one; 'auto' connects if"
                                + " somebody listens on the socket at the start and serves if nobody does; if another server"
                                + " takes the socket later it becomes that one's client. A change restarts the bus.",
                options = {
                    @Option(label = "Server", value = "server"),
                    @Option(label = "Client", value = "client"),
                    @Option(label = "Auto", value = "auto")
                })
        String mode() default "auto";

        /** The socket's path. */
        @AttributeDefinition(
                name = "Socket",
                description =
                        "Path of the Unix socket, at most 104 bytes long; empty is health/callosum.sock in the journal."
                                + " A change restarts the bus.")
        String socket() default "";

        /** What the bus may hold. */
        @AttributeDefinition(
                name = "Memory",
                min = "4194304",
                description =
                        "Server: bytes that the bus may hold for messages, of all clients together: what waits for them, once"
                                + " for all, what they have begun to send, and this runtime's own. A frame and the own"
                                + " allowance may be an eighth of it, the backlog of a client a quarter. Where it does not"
                                + " suffice, the senders wait for who reads too slowly, and the longest of the frames that"
                                + " have begun to come is dropped and counted. Never more than half of the JVM's heap, or 128"
                                + " MiB in one of 208 to 256 MiB.")
        long memoryBytes() default 268_435_456;

        /** The longest frame. */
        @AttributeDefinition(
                name = "Longest frame",
                min = "64",
                max = "1073741824",
                description = "Bytes a frame may have. A longer one is dropped and counted.")
        int maxFrameBytes() default 16_777_216;

        /** The backlog of one client. */
        @AttributeDefinition(
                name = "Backlog of a client",
                min = "1",
                description = "Server: bytes that may wait for one client that reads more slowly than others send.")
        long backlogBytes() default 67_108_864;

        /** When a client is stalled. */
        @AttributeDefinition(
                name = "Stalled after",
                min = "1",
                max = "86400000",
                description =
                        "Server: milliseconds a client with a full backlog, or that has ended sending, may make no progress.")
        long stallMillis() default 10_000;

        /** What becomes of a stalled client. */
        @AttributeDefinition(
                name = "Stalled client",
                description =
                        "Server: what becomes of a client that has read before and is stalled: 'disconnect' closes its"
                                + " connection, 'block' has the senders wait until it reads.",
                options = {
                    @Option(label = "Disconnect", value = "disconnect"),
                    @Option(label = "Block", value = "block")
                })
        String slowPolicy() default "disconnect";

        /** Who else is let in. */
        @AttributeDefinition(
                name = "Allowed users",
                description =
                        "Server: names of users who may connect, beside the own one and root, separated by commas.")
        String[] allowedUsers() default {};

        /** The allowance of this runtime. */
        @AttributeDefinition(
                name = "Own allowance",
                min = "1",
                description =
                        "Server: bytes that this runtime's own messages may go beyond a client's full backlog, and as many"
                                + " again that may wait behind that. What comes then is refused.")
        long ownAllowanceBytes() default 16_777_216;

        /** How long the core may be away. */
        @AttributeDefinition(
                name = "Absence of the core",
                min = "0",
                max = "86400000",
                description =
                        "Server: milliseconds that senders wait when the runtime's core stops, so that its update or restart"
                                + " loses no event; at a start up to 5 s of it. 0 has nobody wait.")
        long absenceMillis() default 10_000;

        /** How long it waits awake. */
        @AttributeDefinition(
                name = "Busy poll",
                min = "0",
                max = "1000000",
                description =
                        "Server: microseconds after a message that the bus waits for the next one without sleeping. An answer"
                                + " comes sooner, and a processor is busy as long as messages come more often than that. 0 is"
                                + " never.")
        long busyPollMicros() default 0;

        /** What is kept for those who come later. */
        @AttributeDefinition(
                name = "History",
                min = "0",
                description =
                        "Server: bytes of the last messages that are kept, for 'listen --since-start' and 'replay'; not more"
                                + " than half of backlogBytes and an eighth of memoryBytes. 0 keeps none.")
        long historyBytes() default 1_048_576;

        /** How many messages are kept. */
        @AttributeDefinition(
                name = "Queue, messages",
                min = "1",
                description =
                        "Client: messages kept while the bus is away or does not read. What comes then is refused.")
        int queueMessages() default 10_000;

        /** How many bytes are kept. */
        @AttributeDefinition(
                name = "Queue, bytes",
                min = "1",
                description = "Client: bytes kept while the bus is away or does not read. What comes then is refused.")
        long queueBytes() default 16_777_216;

        /** The first wait before connecting again. */
        @AttributeDefinition(
                name = "Reconnect, first",
                min = "1",
                max = "86400000",
                description =
                        "Client: milliseconds before it connects again, doubled at each attempt; up to half of it is taken"
                                + " off at random.")
        long reconnectFirstMillis() default 100;

        /** The longest wait before connecting again. */
        @AttributeDefinition(
                name = "Reconnect, longest",
                min = "1",
                max = "86400000",
                description = "Client: milliseconds that this wait doubles to.")
        long reconnectLongestMillis() default 5_000;
    }

    private final BundleContext context;
    private final Logger logger;

    /** What runs; {@code null} if nothing does. */
    private BusEnd end;

    /** Where that logs to. */
    private AsideLog log;

    /** What it runs with. */
    private BusSettings settings;

    private ServiceRegistration<Transport> registration;

    /** Starts the bus. */
    @Activate
    public BusComponent(BundleContext context, @Reference(service = LoggerFactory.class) Logger logger, Config config) {
        this.context = context;
        this.logger = logger;
        modified(config);
    }

    /** Applies a changed configuration: at once, but for another mode or place, which need a restart of the bus. */
    @Modified
    void modified(Config config) {
        BusSettings changed;
        try {
            changed = BusSettings.of(config, Journal.of(context));
        } catch (RuntimeException e) { // also what the component runtime throws for text where a number has to be
            logger.error(
                    "Configuration {} is not applied, {}: {}{}",
                    PID,
                    end == null ? "there is no bus" : "the bus goes on as it is",
                    e.getMessage(),
                    configuration().and("reason", e.getMessage()));
            return;
        }
        if (end == null || !changed.hasSamePlace(settings)) {
            deactivate();
            start(changed);
        } else {
            end.apply(changed);
        }
        settings = changed;
        String lowered = changed.lowered(config);
        if (!lowered.isEmpty()) {
            logger.info(
                    "As a server the bus keeps within its memory: {}{}",
                    lowered,
                    configuration().and(changed.server().memoryKeyValues()));
        }
    }

    /** Stops the bus. */
    @Deactivate
    void deactivate() {
        if (end != null) {
            registration.unregister();
            end.stop();
            log.close();
            end = null;
        }
    }

    private void start(BusSettings wanted) {
        AsideLog aside = new AsideLog(logger);
        boolean isPublished = false;
        try {
            BusEnd started = wanted.mode().start(wanted.socket(), wanted.server(), wanted.client(), aside.logger());
            try {
                registration = context.registerService(Transport.class, started, null);
                end = started;
                log = aside;
                isPublished = true;
            } finally {
                if (!isPublished) {
                    started.stop(); // else the next attempt would find its socket served
                }
            }
        } catch (IOException | RuntimeException e) {
            logger.error(
                    "There is no bus: {}; change the configuration {} to try again{}",
                    e.getMessage(),
                    PID,
                    configuration().and("reason", e.getMessage()),
                    e);
        } finally {
            if (!isPublished) {
                aside.close();
            }
        }
    }

    private static KeyValues configuration() {
        return KeyValues.of("configuration", PID);
    }
}
