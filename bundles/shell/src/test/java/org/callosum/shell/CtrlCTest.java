// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CountDownLatch;

import org.apache.felix.service.command.CommandSession;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class CtrlCTest {
    private Gogo gogo;
    private Terminal terminal;

    /** Commands as Gogo calls them. */
    public final class Commands {
        /** Has Ctrl-C pressed while it prints, and then waits for ever. */
        public void busy(CommandSession session) {
            CtrlC keys = CtrlC.of(session);
            try {
                keys.holdBackWhile(() -> {
                    terminal.raise(Signal.INT);
                    System.out.println("printed");
                    return !System.out.checkError();
                });
                new CountDownLatch(1).await();
            } catch (InterruptedException ctrlC) {
                System.out.println("ended");
            } finally {
                keys.close();
            }
        }

        /** Has Ctrl-C pressed before it prints, and never waits. */
        public void restless(CommandSession session) {
            CtrlC keys = CtrlC.of(session);
            try {
                while (keys.holdBackWhile(() -> !System.out.checkError())) {
                    terminal.raise(Signal.INT);
                }
            } catch (InterruptedException ctrlC) {
                System.out.println("ended");
            } finally {
                keys.close();
            }
        }

        /** Prints. */
        public void next() {
            System.out.println("next");
        }
    }

    @BeforeEach
    void open() throws Exception {
        terminal = new DumbTerminal(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream());
        Commands commands = new Commands();
        gogo = new Gogo().add(commands, "busy").add(commands, "restless").add(commands, "next");
        gogo.session.put(".terminal", terminal);
    }

    @AfterEach
    void close() throws Exception {
        gogo.close();
        terminal.close();
    }

    /** An interrupt within a write would close the channel that all commands of the session print to. */
    @Test
    void pressedWhileACommandPrintsItEndsItBehindThatAndTheSessionGoesOn() throws Exception {
        assertThat(gogo.run("busy")).isEqualTo("printed\nended\n");
        assertThat(gogo.run("next")).isEqualTo("next\n");
    }

    @Test
    void itEndsACommandThatPrintsAllTheTime() throws Exception {
        assertThat(gogo.run("restless")).isEqualTo("ended\n");
        assertThat(gogo.run("next")).isEqualTo("next\n");
    }
}
