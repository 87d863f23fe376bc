// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.function.BooleanSupplier;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Job;

/**
 * Ends a command on Ctrl-C, by an interrupt of its thread and of no other: while it is open at a terminal. Left to themselves the
 * shells interrupt the whole job, and then say 'java.lang.InterruptedException' whatever the command does about it. Without a
 * terminal, and for a command in the background, it does nothing.
 *
 * <p><b>Threads.</b> The command's opens and closes it, and is interrupted by the terminal's.
 */
final class CtrlC {
    private final Thread command = Thread.currentThread();
    private final CommandSession session;
    private final Job job;

    /** {@code null} if there is nothing to take back. */
    private Object terminal;

    private Object signal;
    private Object before;

    /** Guarded by {@code this}: the thread is another command's as soon as it is true. */
    private boolean isClosed;

    /** Whether the command prints, and is interrupted behind that alone. Guarded by {@code this}. */
    private boolean isHeldBack;

    /** Whether Ctrl-C was pressed meanwhile. Guarded by {@code this}. */
    private boolean isDue;

    private CtrlC(CommandSession session) {
        this.session = session;
        Job top = Job.Utils.current();
        while (top != null && top.parent() != null) {
            top = top.parent();
        }
        job = top;
    }

    /** Listens to the session's terminal. */
    static CtrlC of(CommandSession session) {
        CtrlC ctrlC = new CtrlC(session);
        Object terminal = JLine.terminal(session);
        if (terminal != null && ctrlC.isInForeground()) {
            try {
                ctrlC.listen(terminal);
            } catch (ReflectiveOperationException | LinkageError notJLine) {
                // Then it is as without a terminal.
            }
        }
        return ctrlC;
    }

    private void listen(Object at) throws ReflectiveOperationException {
        ClassLoader jline = at.getClass().getClassLoader();
        Class<?> handler = Class.forName("org.jline.terminal.Terminal$SignalHandler", false, jline);
        signal = Class.forName("org.jline.terminal.Terminal$Signal", true, jline)
                .getField("INT")
                .get(null);
        InvocationHandler pressed = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                pressed();
                yield null;
            }
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "Ctrl-C of " + command.getName();
        };
        before = JLine.call(
                at,
                "handle",
                signal,
                Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, pressed));
        terminal = at;
    }

    private void pressed() throws ReflectiveOperationException {
        if (!isInForeground()) { // any more
            JLine.call(before, "handle", signal);
            return;
        }
        synchronized (this) {
            if (isHeldBack) {
                isDue = true;
            } else if (!isClosed) {
                command.interrupt();
            }
        }
    }

    /**
     * Prints, and holds Ctrl-C back meanwhile: Gogo writes through a channel that an interrupt closes, and what the session's
     * later commands print would be lost with it. Into a pipe or a file it is not held back: who reads there may never go on, and
     * what an interrupt closes is the command's alone.
     *
     * @param output gives whether there is any use in more of it
     * @return what that gives
     * @throws InterruptedException if Ctrl-C was pressed before: nothing is printed
     */
    boolean holdBackWhile(BooleanSupplier output) throws InterruptedException {
        synchronized (this) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            isHeldBack = !Screen.isRedirected();
        }
        try {
            return output.getAsBoolean();
        } finally {
            synchronized (this) {
                isHeldBack = false;
                if (isDue) {
                    isDue = false;
                    command.interrupt();
                }
            }
        }
    }

    private boolean isInForeground() {
        return job != null && job == session.foregroundJob();
    }

    /** Ends it. The interrupt flag is cleared, as behind any command that is done. */
    void close() {
        if (terminal != null) {
            try {
                JLine.call(terminal, "handle", signal, before);
            } catch (ReflectiveOperationException gone) {
                // Then nobody types on it any more.
            }
        }
        synchronized (this) {
            isClosed = true;
        }
        Thread.interrupted();
    }
}
