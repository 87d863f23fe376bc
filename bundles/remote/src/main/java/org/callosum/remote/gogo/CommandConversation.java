// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.gogo;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.regex.Pattern;

import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Job;
import org.callosum.api.Printable;
import org.callosum.remote.Interpreter.Conversation;
import org.callosum.remote.Streams;
import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Request;

/**
 * Commands that are given at once. No profile is read, so that a script finds the same everywhere: ours come first, then the
 * framework's, then the shell's own. {@code TERM}, {@code COLUMNS} and {@code LINES} are set where the output is a terminal.
 */
final class CommandConversation implements Conversation {
    private static final String SCOPES = "callosum:felix:gogo:*";

    /** Gogo takes every output for a terminal, and colours are no part of what is piped on. */
    private static final String PLAIN =
            "grep = { gogo:grep --color=never $args }\nls = { gogo:ls --color=never $args }";

    private static final Pattern STATUS = Pattern.compile("\\d{1,3}");
    private static final int MAX_STATUS = 255;

    private final CommandSession session;
    private final PrintStream out;
    private final String commands;
    private final boolean isTerminal;

    CommandConversation(CommandProcessor processor, Request request, Streams streams) {
        out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        session = processor.createSession(
                streams.in(), out, new PrintStream(streams.error(), true, StandardCharsets.UTF_8));
        session.put("SCOPE", SCOPES);
        isTerminal = !request.terminal().isEmpty();
        if (isTerminal) {
            session.put("TERM", request.terminal());
            if (request.columns() > 0) {
                session.put("COLUMNS", request.columns());
                session.put("LINES", request.rows());
            }
        }
        session.put(SessionShell.EXIT, (Function) (ignored, arguments) -> {
            throw new Exit(status(arguments));
        });
        commands = request.commands();
    }

    @Override
    public End run() {
        try {
            if (!isTerminal) {
                session.execute(PLAIN);
            }
            Object result = session.execute(commands);
            if (result != null) {
                out.println(session.format(result, Converter.INSPECT));
            }
            return End.DONE;
        } catch (Exit exit) {
            return new End(exit.status, "");
        } catch (Exception | LinkageError | StackOverflowError e) {
            return new End(End.FAILED, text(e));
        } finally {
            session.close();
        }
    }

    private static String text(Throwable failure) {
        if (failure instanceof FileSystemException file
                && file.getReason() == null) { // its message is the file's name alone
            return Printable.quoted(String.valueOf(file.getFile())) + " cannot be used ("
                    + failure.getClass().getSimpleName() + ")";
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    private static int status(List<Object> words) {
        if (words.isEmpty()) {
            return 0;
        }
        String word = String.valueOf(words.get(0));
        if (words.size() > 1 || !STATUS.matcher(word).matches() || Integer.parseInt(word) > MAX_STATUS) {
            throw new IllegalArgumentException(
                    Printable.quoted(word) + " is no exit status: give a number from 0 to 255. Write: exit [<status>]");
        }
        return Integer.parseInt(word);
    }

    @Override
    public void resize(int columns, int rows) {
        session.put("COLUMNS", columns);
        session.put("LINES", rows);
    }

    @Override
    public void interrupt() {
        Job job = session.foregroundJob();
        if (job != null) {
            job.interrupt();
        }
    }

    @Override
    public void hangUp() {
        interrupt();
    }

    /** Ends the commands. */
    private static final class Exit extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;

        Exit(int status) {
            super(null, null, false, false);
            this.status = status;
        }
    }
}
