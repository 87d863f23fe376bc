// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.karaf;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import javax.security.auth.Subject;

import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.callosum.remote.Interpreter;
import org.callosum.remote.Streams;
import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Request;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * Karaf's shell as the interpreter, for commands: at a terminal Karaf's own client does all that one could do here. They run
 * with the roles of Karaf's administrator, for whoever may open the socket may also read and write Karaf's own files.
 *
 * <p><b>Threads.</b> Any thread.
 */
public final class KarafInterpreter implements Interpreter {
    private static final List<String> ROLES = List.of("admin", "manager", "viewer", "systembundles", "ssh", "group");
    private static final String SCOPES = "callosum:shell:feature:bundle:service:system:log:config:*";

    /** Colours are no part of what is piped on. */
    private static final String PLAIN = "grep = { shell:grep --color never $args }";

    private final BundleContext context;

    /** Finds Karaf's shell with this. */
    public KarafInterpreter(BundleContext context) {
        this.context = context;
    }

    @Override
    public Conversation begin(Request request, Streams streams) {
        if (request.isInteractive()) {
            throw new IllegalStateException("it is Karaf, which has a client of its own, bin/client;"
                    + " commands can be run from here: callosum shell '<commands>'");
        }
        ServiceReference<SessionFactory> reference = context.getServiceReference(SessionFactory.class);
        SessionFactory sessions = reference == null ? null : context.getService(reference);
        if (sessions == null) {
            throw new IllegalStateException("Karaf's shell is not running");
        }
        PrintStream out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        PrintStream error = new PrintStream(streams.error(), true, StandardCharsets.UTF_8);
        return new Commands(sessions.create(streams.in(), out, error), request.commands());
    }

    @Override
    public void close() {
        // Nothing was opened.
    }

    private static Subject administrator() {
        Subject administrator = new Subject();
        ROLES.forEach(role -> administrator.getPrincipals().add(new RolePrincipal(role)));
        return administrator;
    }

    /** Commands that are given at once. */
    private static final class Commands implements Conversation {
        private final Session session;
        private final String commands;

        Commands(Session session, String commands) {
            this.session = session;
            this.commands = commands;
            session.put(Session.SCOPE, SCOPES);
        }

        @Override
        public End run() {
            PrivilegedExceptionAction<Object> execute = () -> {
                session.execute(PLAIN);
                return session.execute(commands);
            };
            try {
                Object result = Subject.doAs(administrator(), execute);
                if (result != null) {
                    session.getConsole().println(result);
                }
                return End.DONE;
            } catch (Exception e) {
                Throwable cause = e instanceof PrivilegedActionException && e.getCause() != null ? e.getCause() : e;
                return new End(End.FAILED, cause.getMessage() == null ? cause.toString() : cause.getMessage());
            } finally {
                session.close();
            }
        }

        @Override
        public void resize(int columns, int rows) {
            // No terminal of Karaf's is behind it.
        }

        @Override
        public void interrupt() {
            session.close(); // its jobs are interrupted by that
        }

        @Override
        public void hangUp() {
            session.close();
        }
    }
}
