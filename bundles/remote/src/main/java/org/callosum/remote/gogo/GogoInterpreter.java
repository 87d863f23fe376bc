// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.gogo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.apache.felix.service.command.CommandProcessor;
import org.callosum.remote.Interpreter;
import org.callosum.remote.Streams;
import org.callosum.remote.wire.Request;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;

/**
 * Gogo as the interpreter. What it takes of bundles is started for the first client, and stopped at the end: a service that
 * nobody talks to does without. The bundle {@code org.apache.felix.gogo.jline} is not among them: at its start it takes the
 * process's own terminal, and its signals. Its classes do as well.
 *
 * <p><b>Threads.</b> Any thread.
 */
public final class GogoInterpreter implements Interpreter {
    private static final Set<String> NEEDED = Set.of("org.apache.felix.gogo.runtime", "org.apache.felix.gogo.command");

    private final BundleContext context;

    // Guarded by this.

    private final List<Bundle> started = new ArrayList<>();
    private CommandProcessor processor;
    private ShellFunctions functions;

    /** Finds bundles and services with this. Nothing happens yet. */
    public GogoInterpreter(BundleContext context) {
        this.context = context;
    }

    @Override
    public Conversation begin(Request request, Streams streams) throws Exception {
        CommandProcessor opened = open();
        return request.isInteractive()
                ? new TerminalConversation(opened, home(), request, streams)
                : new CommandConversation(opened, request, streams);
    }

    @Override
    public synchronized void close() {
        if (functions != null) {
            functions.close();
            functions = null;
            processor = null;
        }
        for (int i = started.size() - 1; i >= 0; i--) {
            try {
                started.get(i).stop(Bundle.STOP_TRANSIENT);
            } catch (BundleException | IllegalStateException e) {
                // It has gone already, or the framework sees to it.
            }
        }
        started.clear();
    }

    private synchronized CommandProcessor open() throws BundleException {
        for (Bundle bundle : context.getBundles()) {
            if (NEEDED.contains(bundle.getSymbolicName())
                    && (bundle.getState() & (Bundle.INSTALLED | Bundle.RESOLVED)) != 0) {
                bundle.start(Bundle.START_TRANSIENT);
                started.add(bundle);
            }
        }
        ServiceReference<CommandProcessor> reference = context.getServiceReference(CommandProcessor.class);
        CommandProcessor found = reference == null ? null : context.getService(reference);
        if (found == null) {
            throw new IllegalStateException(
                    "there is no command processor: the bundle org.apache.felix.gogo.runtime" + " is not running");
        }
        if (found != processor) { // the first, or Gogo was updated
            if (functions != null) {
                functions.close();
            }
            functions = ShellFunctions.register(context, found);
            processor = found;
        }
        return found;
    }

    /** Where {@code etc/} is. */
    private Path home() {
        String home = context.getProperty("callosum.home");
        return Path.of(home == null ? "" : home).toAbsolutePath();
    }
}
