// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

import org.callosum.shell.EventCounts.Name;
import org.callosum.shell.TopView.Moment;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class TopCommandTest {
    private final FakeContext context = new FakeContext();
    private final FakeBridge bridge = new FakeBridge(Optional.empty());
    private final TopCommand command =
            new TopCommand(context.proxy(), new FakeDispatcher(true, List.of(Handlers.SEGMENT_LOG), List.of()), bridge);

    @AutoClose
    private final Gogo gogo = new Gogo().add(command, "top");

    @Test
    void ratesAreThoseBetweenTwoMoments() {
        Moment before = new Moment(0, bridge.status(), List.of());
        Moment now = new Moment(2_000_000_000L, bridge.status(), List.of(Handlers.SEGMENT_LOG));
        Map<Name, Long> events = Map.of(new Name("observe", "observed"), 30L, new Name("logs", "line"), 70L);

        assertThat(TopView.text(before, now, events, 10, Screen.PLAIN))
                .contains(
                        """

                        TRACT    RATE  SHARE
                        logs     35/s   70 %
                        observe  15/s   30 %

                        EVENT             RATE  SHARE
                        logs/line         35/s   70 %
                        observe/observed  15/s   30 %

                        HANDLER                  RATE  FAILED    P50    P99  RUNNING  STATE
                        segment-log/SegmentLog  617/s     0/s  85 µs  12 ms        1""");
        assertThat(TopView.text(before, now, events, 1, Screen.PLAIN)).doesNotContain("observe ");
    }

    @Test
    void blocksArePrintedWhereThereIsNoTerminalAndTheHandlerIsGoneAfterwards() throws Exception {
        String shown = gogo.run("top -n 2 -i 100ms");

        assertThat(shown.lines().filter(line -> line.startsWith("received"))).hasSize(2);
        assertThat(shown).doesNotContain("\u001b");
        context.awaitRegistration().awaitUnregistered();
    }

    @Test
    void onATerminalEachViewTakesThePlaceOfTheOneBefore() throws Exception {
        gogo.session.put("TERM", "xterm");
        gogo.session.put("COLUMNS", "80");

        assertThat(gogo.run("top -n 2 -i 100ms"))
                .startsWith("\u001b[H\u001b[J\u001b[Hreceived")
                .contains("\u001b[K\n\u001b[J\u001b[Hreceived")
                .endsWith("\u001b[J");
    }

    @Test
    void whatComesIsCountedUntilCtrlC() throws Exception {
        CompletableFuture<Throwable> run = gogo.start("top -i 100ms");
        FakeContext.Registration handler = context.awaitRegistration();
        assertThat(handler.properties().get("tract")).isEqualTo("*");
        while (!gogo.shown().contains("a/b")) {
            handler.handle("{\"tract\":\"a\",\"event\":\"b\"}");
        }

        gogo.interrupt();

        run.get(10, SECONDS);
        handler.awaitUnregistered();
    }

    @Test
    void ctrlCWhileItPrintsEndsItAndNotTheSession() throws Exception {
        assertThat(gogo.interruptWhilePrinting("top -i 100ms")).startsWith("received");
        assertThat(gogo.run("top -n 1 -i 100ms")).startsWith("received");
    }

    @Test
    void qEndsItAndTheTerminalIsSetBack() throws Exception {
        KeyTerminal terminal = new KeyTerminal();
        gogo.session.put("TERM", "xterm");
        gogo.session.put(".terminal", terminal);
        CompletableFuture<Throwable> run = gogo.start("top -i 1h");

        terminal.keys.put((int) 'x'); // shows the next view at once
        terminal.keys.put((int) 'q');

        assertThat(run.get(10, SECONDS)).isNull();
        assertThat(terminal.attributes).isEqualTo("as before");
    }

    @Test
    void theEndOfTheComponentEndsItHoweverLongTheInterval() throws Exception {
        CompletableFuture<Throwable> run = gogo.start("top -i 1h");
        FakeContext.Registration handler = context.awaitRegistration();

        command.stop();

        assertThat(run.get(10, SECONDS)).isNull();
        handler.awaitUnregistered();
    }

    @Test
    void whatIsNoIntervalIsAnError() {
        assertThatThrownBy(() -> gogo.run("top -i 1ms")).hasMessage("--interval 1ms is out of range: 100ms to 1h");
        assertThatThrownBy(() -> gogo.run("top -i soon")).hasMessageContaining("'soon' is no time");
        assertThatThrownBy(() -> gogo.run("top -n -1")).hasMessageContaining("-1 is out of range");
    }

    /** A terminal as JLine's look from outside. */
    public static final class KeyTerminal {
        final SynchronousQueue<Integer> keys = new SynchronousQueue<>();
        volatile String attributes = "as before";

        public Reader reader() {
            return new Reader();
        }

        public String enterRawMode() {
            String before = attributes;
            attributes = "raw";
            return before;
        }

        public void setAttributes(String those) {
            attributes = those;
        }

        /** Its reader. */
        public final class Reader {
            public int read(long millis) throws InterruptedException {
                Integer key = keys.poll(millis, TimeUnit.MILLISECONDS);
                return key == null ? -2 : key;
            }
        }
    }
}
