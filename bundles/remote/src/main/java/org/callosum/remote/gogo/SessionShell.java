// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.gogo;

import java.nio.file.Path;

import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;

/** A shell whose {@code exit} ends the session and not the runtime. */
final class SessionShell extends Shell {
    /** The name of the command that ends a session. */
    static final String EXIT = "exit";

    /** One that reads {@code etc/gosh_profile} below this home at its start. */
    SessionShell(Path home, CommandProcessor processor) {
        super(new Surroundings(home), processor);
    }

    /** Reads the profile; what that makes of {@code exit}, for the terminal that the runtime was started on, is not meant here. */
    @Override
    public Object source(CommandSession session, String script) throws Exception {
        Object result = super.source(session, script);
        Function exit = (ignored, arguments) -> {
            stop();
            return null;
        };
        session.put(EXIT, exit);
        return result;
    }

    /**
     * What is around a shell.
     *
     * @param home where its profile is; {@code null} for the working folder
     */
    record Surroundings(Path home) implements Context {
        @Override
        public String getProperty(String name) {
            if (name.equals("gosh.home") && home != null) {
                return home.toString();
            }
            return System.getProperty(name);
        }

        @Override
        public void exit() {
            // Nobody leaves the runtime by leaving a shell.
        }
    }
}
