// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.gogo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Job;
import org.callosum.remote.Interpreter.Conversation;
import org.callosum.remote.Streams;
import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Request;
import org.jline.reader.LineReader;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;

/** Somebody at a terminal: line editing, history and completion happen here, the client's terminal is raw. */
final class TerminalConversation implements Conversation {
    /** What a terminal's type looks like; of another one nothing is known. */
    private static final Pattern TYPE = Pattern.compile("[\\w.+-]{1,64}");

    private static final int DEFAULT_COLUMNS = 80;
    private static final int DEFAULT_ROWS = 24;

    private final Terminal terminal;
    private final CommandSession session;
    private final SessionShell shell;

    TerminalConversation(CommandProcessor processor, Path home, Request request, Streams streams) throws IOException {
        String type = TYPE.matcher(request.terminal()).matches() ? request.terminal() : Terminal.TYPE_DUMB;
        terminal = new ExternalTerminal("callosum shell", type, streams.in(), streams.out(), StandardCharsets.UTF_8);
        resize(request.columns(), request.rows());
        session = processor.createSession(terminal.input(), terminal.output(), terminal.output());
        session.put(Shell.VAR_TERMINAL, terminal);
        session.put(LineReader.HISTORY_FILE, home.resolve("data").resolve("history"));
        shell = new SessionShell(home, processor);
    }

    @Override
    public End run() {
        try {
            shell.gosh(
                    session,
                    new String[] {"--login", "--noshutdown", "--nohistory"}); // that is: not in the user's home
            return End.DONE;
        } catch (Exception e) {
            return new End(End.FAILED, "The shell broke off: " + e);
        } finally {
            session.close();
            try {
                terminal.close();
            } catch (IOException e) {
                // It has no end but ours.
            }
        }
    }

    @Override
    public void resize(int columns, int rows) {
        terminal.setSize(new Size(columns > 0 ? columns : DEFAULT_COLUMNS, rows > 0 ? rows : DEFAULT_ROWS));
        terminal.raise(Terminal.Signal.WINCH);
    }

    @Override
    public void interrupt() {
        terminal.raise(Terminal.Signal.INT);
    }

    @Override
    public void hangUp() {
        shell.stop();
        Job job = session.foregroundJob();
        if (job != null) {
            job.interrupt();
        }
    }
}
