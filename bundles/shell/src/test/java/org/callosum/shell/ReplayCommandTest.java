// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.callosum.transport.Replay;
import org.callosum.transport.Transport;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class ReplayCommandTest {
    private static final String ONE = "{ \"tract\":\"a\",\"event\":\"b\",\"n\":1}";
    private static final String TWO = "{\"tract\":\"a\",\"event\":\"c\",\"n\":2,\"x\":\"\u009b\"}";
    private static final String THREE = "{\"tract\":\"b\",\"event\":\"b\",\"n\":3}";

    /** The bus: what is written to it comes. */
    private Pipe pipe;

    private long dropped;
    private long kept;
    private final ReplayCommand command = new ReplayCommand(transport());
    private final Gogo gogo = new Gogo().add(command, "replay");

    @BeforeEach
    void open() throws IOException {
        pipe = Pipe.open();
    }

    @AfterEach
    void close() throws IOException {
        pipe.sink().close();
        gogo.close();
    }

    @Test
    void whatWasKeptIsShownFitForATerminalAndNoMore() throws Exception {
        keep(ONE, TWO, THREE);
        say("{\"tract\":\"a\",\"event\":\"later\"}");

        assertThat(gogo.run("replay")).isEqualTo(ONE + "\n" + TWO.replace("\u009b", "\\u009b") + "\n" + THREE + "\n");
        assertThat(pipe.source().isOpen()).as("listened to any longer").isFalse();
    }

    @Test
    void theLastOnesThatAreWantedAreShown() throws Exception {
        keep(ONE, TWO, THREE);
        assertThat(gogo.run("replay -n 2 --json")).isEqualTo(TWO + "\n" + THREE + "\n");

        open();
        keep(ONE, TWO, THREE);
        assertThat(gogo.run("replay -n 1 -t a")).contains("\"n\":2").hasLineCount(1);

        open();
        keep(ONE, TWO, THREE);
        assertThat(gogo.run("replay --event b '(n>=2)'")).isEqualTo(THREE + "\n");
    }

    @Test
    void howManyAreGoneIsSaidIfTheyWouldHaveBeenAmongThem() throws Exception {
        dropped = 7;
        keep(ONE, TWO);
        assertThat(gogo.run("replay -n 2 -t a")).doesNotContain("no longer kept");

        open();
        keep(ONE, TWO);
        assertThat(gogo.run("replay -n 3")).contains("… 7 messages since the bus's start are no longer kept");

        open();
        keep(ONE, TWO);
        assertThat(gogo.run("replay -n 0")).contains("… 7 messages since the bus's start are no longer kept");
    }

    @Test
    void whatComesFollowsAtOnceUntilCtrlC() throws Exception {
        keep(ONE);
        CompletableFuture<Throwable> run = gogo.start("replay -f -e b --json");
        await().until(() -> gogo.shown().equals(ONE + "\n"));

        say(TWO, THREE);
        await().until(() -> gogo.shown().equals(ONE + "\n" + THREE + "\n"));

        gogo.interrupt();
        run.get(10, SECONDS);
        assertThat(pipe.source().isOpen()).isFalse();
        assertThat(gogo.shown()).doesNotContain("broke off");
    }

    /** An interrupt within a write would close the channel that all commands of the session print to. */
    @Test
    void ctrlCWhileItPrintsEndsItAndNotTheSession() throws Exception {
        for (String line : List.of("replay -f", "replay -f -n 0 --json")) {
            keep(ONE);
            assertThat(gogo.interruptWhilePrinting(line)).as(line).isEqualTo(ONE + "\n");

            open();
            keep(THREE);
            assertThat(gogo.run("replay")).as("after " + line).isEqualTo(THREE + "\n");
            open();
        }
    }

    @Test
    void allOfItIsPassedOnToTheLetter() throws Exception {
        dropped = 1;
        keep(ONE, TWO);
        CompletableFuture<Throwable> run = gogo.start("replay -f -n 0 --json");
        String told = "… 1 messages since the bus's start are no longer kept\n";
        await().until(() -> gogo.shown().equals(told + ONE + "\n" + TWO + "\n"));

        say(THREE);
        await().until(() -> gogo.shown().endsWith("\n" + THREE + "\n"));

        pipe.sink().close();
        assertThat(run.get(10, SECONDS)).hasMessageContaining("The bus has ended");
    }

    @Test
    void ctrlCEndsItQuietlyAndTheSessionGoesOn() throws Exception {
        keep(ONE);
        try (Terminal terminal = new DumbTerminal(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream())) {
            gogo.session.put(".terminal", terminal);
            CompletableFuture<Throwable> run = gogo.start("replay -f");
            await().until(() -> gogo.shown().equals(ONE + "\n"));

            terminal.raise(Signal.INT);

            assertThat(run.get(10, SECONDS)).isNull();
            open();
            keep(TWO);
            assertThat(gogo.run("replay --json")).isEqualTo(TWO + "\n");
        }
    }

    @Test
    void theEndOfTheComponentEndsIt() throws Exception {
        keep(ONE);
        CompletableFuture<Throwable> run = gogo.start("replay -f");
        await().until(() -> gogo.shown().equals(ONE + "\n"));

        command.stop();

        assertThat(run.get(10, SECONDS)).isNotNull();
    }

    @Test
    void whatIsWrongIsAnError() {
        assertThatThrownBy(() -> gogo.run("replay -n -1")).hasMessageContaining("--number -1 is out of range");
        assertThatThrownBy(() -> gogo.run("replay 'level>=1'"))
                .hasMessageStartingWith("'level>=1' is no filter: write one over the fields");
        assertThatThrownBy(() -> gogo.run("replay a b"))
                .hasMessageStartingWith("Too many words")
                .hasMessageContaining("Write: replay ");
        assertThatThrownBy(() -> new ReplayCommand(null).replay(gogo.session, 1, "*", "*", false, false))
                .hasMessageStartingWith("There is no bus: ");
    }

    private void keep(String... lines) throws IOException {
        kept = lines.length;
        say(lines);
    }

    private void say(String... lines) throws IOException {
        for (String line : lines) {
            pipe.sink().write(ByteBuffer.wrap((line + "\n").getBytes(UTF_8)));
        }
    }

    private Transport transport() {
        return (Transport) Proxy.newProxyInstance(
                Transport.class.getClassLoader(),
                new Class<?>[] {Transport.class},
                (proxy, method, arguments) -> new Replay(dropped, kept, Channels.newInputStream(pipe.source())));
    }
}
