// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.Map;
import javax.security.auth.Subject;

import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;

/** Karaf's own shell, as its administrator uses it. */
final class Shell {
    private final SessionFactory sessions;

    Shell(SessionFactory sessions) {
        this.sessions = sessions;
    }

    /**
     * Runs commands, one after the other, in one session.
     *
     * @return what they printed
     */
    String run(String... commands) throws Exception {
        return run(Map.of(), commands);
    }

    /** Runs a command where Karaf says that there is a terminal of a width. */
    String runOnTerminal(int columns, String command) throws Exception {
        return run(Map.of("TERM", "xterm-256color", "COLUMNS", columns), command);
    }

    private String run(Map<String, Object> variables, String... commands) throws Exception {
        Subject administrator = new Subject();
        for (String role : new String[] {"admin", "manager", "viewer", "systembundles", "group"}) {
            administrator.getPrincipals().add(new RolePrincipal(role));
        }
        var printed = new ByteArrayOutputStream();
        PrivilegedExceptionAction<Void> action = () -> {
            PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
            Session session = sessions.create(new ByteArrayInputStream(new byte[0]), out, out);
            try {
                variables.forEach(session::put);
                for (String command : commands) {
                    session.execute(command);
                }
            } finally {
                session.close();
            }
            return null;
        };
        Subject.doAs(administrator, action);
        return printed.toString(StandardCharsets.UTF_8);
    }
}
