// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote;

import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Request;

/** What understands commands: the container's shell. */
public interface Interpreter {
    /**
     * Prepares to do what a client wants.
     *
     * @param streams where it reads and writes
     * @throws Exception if there is no shell here; the message says why
     */
    Conversation begin(Request request, Streams streams) throws Exception;

    /** Gives up what was opened. No conversation is under way any more. */
    void close();

    /**
     * One client's.
     *
     * <p><b>Threads.</b> {@link #run} is called once, on a thread for it alone; the others by another one, at any time before
     * it has returned.
     */
    interface Conversation {
        /** Talks, and returns when all is said. */
        End run();

        /** Is told the terminal's new size. */
        void resize(int columns, int rows);

        /** Ends the command that runs, if one does, as Ctrl-C would. */
        void interrupt();

        /** Is told that nobody is there any more: {@link #run} has to return soon. */
        void hangUp();
    }
}
