// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.component;

import java.io.IOException;
import java.time.Duration;

import org.callosum.api.KeyValues;
import org.callosum.journal.Journal;
import org.callosum.remote.ShellServer;
import org.callosum.remote.wire.ShellSocket;
import org.callosum.socket.PeerCredentials;
import org.osgi.framework.BundleContext;
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

/**
 * Serves the shell as configured. Until a client comes that is a socket and a thread; what a session needs is loaded and
 * started for the first one.
 *
 * <p><b>Threads.</b> The component runtime calls one method at a time.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = RemoteShellComponent.PID)
@Designate(ocd = RemoteShellComponent.Config.class)
public final class RemoteShellComponent {
    /** The PID of its configuration. */
    static final String PID = "org.callosum.remote";

    /** How long the end waits for commands that run. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Its settings. */
    @ObjectClassDefinition(
            name = "Callosum shell of the running service",
            description = "The socket health/shell.sock in the journal, on which 'callosum shell' finds this runtime.")
    public @interface Config {
        /** Whether there is a shell. */
        @AttributeDefinition(name = "Enabled", description = "Whether the shell is served.")
        boolean enabled() default true;

        /** How many shells there are at once. */
        @AttributeDefinition(
                name = "Sessions",
                min = "1",
                max = "1000",
                description = "How many shells and commands are served at once. Those that are open stay.")
        int maxSessions() default 16;
    }

    private final BundleContext context;
    private final Logger logger;
    private ShellServer server;

    /** Begins to serve. */
    @Activate
    public RemoteShellComponent(
            BundleContext context, @Reference(service = LoggerFactory.class) Logger logger, Config config) {
        this.context = context;
        this.logger = logger;
        modified(config);
    }

    /** Applies a changed configuration at once. */
    @Modified
    void modified(Config config) {
        boolean isEnabled;
        int maxSessions;
        try {
            isEnabled = config.enabled();
            maxSessions = Math.max(1, config.maxSessions());
        } catch (RuntimeException e) { // what the component runtime throws for text where a number has to be
            logger.error(
                    "Configuration {} is not applied: {}{}",
                    PID,
                    e.getMessage(),
                    KeyValues.of("configuration", PID).and("reason", e.getMessage()));
            return;
        }
        if (!isEnabled) {
            deactivate();
        } else if (server == null) {
            start(maxSessions);
        } else {
            server.setMaxSessions(maxSessions);
        }
    }

    /** Ends all shells. */
    @Deactivate
    void deactivate() {
        if (server != null) {
            server.close(PATIENCE);
            server = null;
        }
    }

    private void start(int maxSessions) {
        try {
            server = new ShellServer(
                    ShellSocket.in(Journal.of(context).root()),
                    maxSessions,
                    PeerCredentials.ofPlatform(),
                    new ContainerInterpreter(context),
                    logger);
            server.start();
        } catch (IOException | RuntimeException e) {
            logger.error(
                    "There is no shell of the running service: {}{}",
                    e.getMessage(),
                    KeyValues.of("reason", e.getMessage()),
                    e);
        }
    }
}
