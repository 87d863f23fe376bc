// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.callosum.api.Callosum;
import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

/** The commands as a user types them: parsed and run by Gogo itself. */
@Timeout(30)
class CommandsTest {
    /** Gives each command its own System.out. One for all: it takes the place of the process's. */
    private static final ThreadIOImpl THREAD_IO = new ThreadIOImpl();

    private static final Bridge BRIDGE = new FakeBridge(Optional.empty());

    private static final List<String> INSPECTING =
            List.of("handlers", "handler", "apps", "app", "running", "blame", "queue", "parked", "status");

    private final FakeContext context = new FakeContext();
    private final List<Message> emitted = new ArrayList<>();
    private CommandProcessorImpl gogo;
    private CommandSession session;
    private BufferedReader screen;
    private PipedOutputStream screenEnd;

    @BeforeAll
    static void startThreadIo() {
        THREAD_IO.start();
    }

    @AfterAll
    static void stopThreadIo() {
        THREAD_IO.stop();
    }

    @BeforeEach
    void openSession() throws IOException {
        gogo = new CommandProcessorImpl(THREAD_IO);
        PipedInputStream pipe = new PipedInputStream(1 << 20);
        screenEnd = new PipedOutputStream(pipe);
        screen = new BufferedReader(new InputStreamReader(pipe, UTF_8));
        session = gogo.createSession(InputStream.nullInputStream(), screenEnd, screenEnd);
    }

    @AfterEach
    void closeSession() {
        session.close();
        gogo.stop();
    }

    @Test
    void handlersAreShown() throws Exception {
        add(new InspectCommands(context.proxy(), dispatcherWith(Handlers.SEGMENT_LOG), BRIDGE), "handlers");

        assertThat(run("callosum:handlers")).isEqualTo(HandlersView.text(List.of(Handlers.SEGMENT_LOG), Screen.PLAIN));
    }

    @Test
    void whatIsShownGoesThroughAPipe() throws Exception {
        add(
                new InspectCommands(context.proxy(), dispatcherWith(Handlers.SEGMENT_LOG, Handlers.FAILED), BRIDGE),
                "handlers");
        add(new LineCounter(), "count");

        assertThat(run("handlers | count")).isEqualTo("6\n");
    }

    @Test
    void appsAreShownWithTheStateOfTheirBundle() throws Exception {
        context.addBundle(11, "org.callosum.apps.observer", "observer");
        context.addBundle(1, "org.example.lib", null);
        add(new InspectCommands(context.proxy(), dispatcherWith(Handlers.FAILED), BRIDGE), "apps");

        assertThat(run("callosum:apps"))
                .isEqualTo(
                        """
                APP       STATE   HANDLERS  NOT WELL  INVOKED  FAILED  TIMED OUT  RATE  PARKED  BUNDLE
                observer  active         1         1        7       7          2   0/s       0  11 org.callosum.apps.observer 1.0.0
                """);
    }

    @Test
    void whatIsAskedForIsShownAndNoOther() throws Exception {
        context.addBundle(11, "org.callosum.apps.observer", "observer");
        context.addBundle(12, "org.callosum.apps.segment-log", "segment-log");
        inspect(dispatcherWith(Handlers.SEGMENT_LOG, Handlers.FAILED));

        assertThat(run("handlers seg")).contains("SegmentLog").doesNotContain("History");
        assertThat(run("handlers 'obs*er'")).contains("History").doesNotContain("SegmentLog");
        assertThat(run("handlers nothing")).isEqualTo("None of 2 handlers matches 'nothing'.\n");
        assertThat(run("handlers --json nothing")).isEqualTo("[]\n");
        assertThat(run("apps seg")).contains("segment-log").doesNotContain("observer");
        for (String which : List.of("40", "History", "observer/History")) {
            assertThat(run("handler " + which)).contains("observer/History, service 40", "Last failure, ");
        }
        for (String which : List.of("11", "observer", "org.callosum.apps.observer")) {
            assertThat(run("app " + which)).contains("History", "Problems:").doesNotContain("SegmentLog");
        }
    }

    @Test
    void whatIsNotThereIsAnError() {
        inspect(dispatcherWith(Handlers.SEGMENT_LOG));

        assertThatThrownBy(() -> session.execute("handler 4711"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no handler '4711': give the id or the name of one that 'handlers' lists");
        assertThatThrownBy(() -> session.execute("app x"))
                .hasMessage("There is no app 'x': give the name of one that 'apps' lists");
        assertThatThrownBy(() -> session.execute("handler"))
                .hasMessageStartingWith("No handler is given. Write: handler ");
        assertThatThrownBy(() -> session.execute("handlers a b"))
                .hasMessageStartingWith(
                        "Too many words (a '*' that is meant as such has to be in quotes). Write: handlers [--json] [<pattern>]");
        assertThatThrownBy(() -> session.execute("handlers --jsno"))
                .hasMessageStartingWith("There is no option '--jsno' here. Write: handlers [--json] [<pattern>]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"handlers", "apps", "running", "blame", "queue", "parked", "status", "handler 31", "app 12"})
    void whatListsSomethingIsOneLineOfJsonForScripts(String command) throws Exception {
        context.addBundle(12, "org.callosum.apps.segment-log", "segment-log");
        inspect(dispatcherWith(Handlers.SEGMENT_LOG));

        String json = run(command + " --json");

        assertThat(json.lines()).hasSize(1);
        assertThat(Json.parse(json)).isNotNull();
        assertThat(json).doesNotContain("_").matches("(?s)[\\[{].*");
    }

    @Test
    void theStatusIsShown() throws Exception {
        inspect(dispatcherWith(Handlers.SEGMENT_LOG, Handlers.BAD));

        assertThat(run("callosum:status"))
                .startsWith("ATTENTION ")
                .contains("\nmalformed  ", "\nno bus ", "callosum:handler 44", "\nHandlers     2, 1 bad\n");
    }

    @Test
    void withoutTheCoreTheCommandsFailAndTheStatusSaysWhy() throws Exception {
        InspectCommands commands = new InspectCommands(context.proxy(), null, null);
        INSPECTING.forEach(function -> add(commands, function));

        for (String command : List.of("handlers", "apps", "app x", "handler 1", "running", "blame", "parked")) {
            assertThatThrownBy(() -> session.execute(command))
                    .as(command)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("There is no dispatcher: the bundle org.callosum.core is not running");
        }
        assertThatThrownBy(() -> session.execute("queue"))
                .hasMessage("There is no bridge: the bundle org.callosum.core is not running");
        assertThat(run("callosum:status")).contains("Dispatcher  none: the bundle org.callosum.core is not running");
    }

    @Test
    void theConnectionsAreShownTheClosedOnesIfAskedFor() throws Exception {
        add(new ConnectionCommands(FakeBridge.SERVED), "clients");

        String open = run("callosum:clients");
        assertThat(open.lines()).hasSize(3);
        assertThat(open.lines().skip(1))
                .extracting(line -> line.strip().split(" +")[0])
                .containsExactly("3", "12");
        for (String option : List.of("-c", "--closed")) {
            assertThat(run("clients " + option).lines())
                    .hasSize(6)
                    .element(5)
                    .asString()
                    .contains("java.io.IOException");
        }
    }

    @Test
    void theConnectionsAreOneJsonArrayForScripts() throws Exception {
        add(new ConnectionCommands(FakeBridge.SERVED), "clients");

        assertThat(Json.parse(run("clients --json")))
                .asInstanceOf(InstanceOfAssertFactories.list(Map.class))
                .extracting(client -> client.get("id"), client -> client.get("oldestUnsentNanos"))
                .containsExactly(tuple(3L, null), tuple(12L, 12_340_000_000L));
        assertThat(run("clients --json -c").lines()).hasSize(1);
        assertThat((List<?>) Json.parse(run("clients -c --json"))).hasSize(3);
    }

    @Test
    void whatATerminalShowsFitsItAndIsPaintedButNotWhatGoesThroughAPipe() throws Exception {
        add(new ConnectionCommands(FakeBridge.SERVED), "clients");
        add(new LineCopier(), "copy");
        String plain = run("clients");
        session.put("#TERM", (Function) (of, nothing) -> "xterm-256color"); // as both shells tell it
        session.put("#COLUMNS", (Function) (of, nothing) -> "80");

        assertThat(run("clients").lines())
                .allSatisfy(
                        line -> assertThat(line.replaceAll("\u001b\\[\\d*m", "").length())
                                .isLessThanOrEqualTo(80))
                .anyMatch(line -> line.contains("\u001b[31mholds-up\u001b[m"))
                .anyMatch(line -> line.startsWith("(no room for "));
        assertThat(run("clients | copy")).isEqualTo(plain);
        assertThat(run("clients --json").lines()).as("indented").hasSizeGreaterThan(20);
    }

    @Test
    void aConnectionIsClosedByItsNumber() throws Exception {
        add(new ConnectionCommands(FakeBridge.SERVED), "disconnect");

        assertThat(run("callosum:disconnect 12")).isEqualTo("Disconnected.\n");
        assertThatThrownBy(() -> session.execute("disconnect 13"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no connection 13: give the number of one that 'clients' lists");
    }

    @Test
    void withoutABusOrTheCoreNobodyIsConnected() throws Exception {
        add(new ConnectionCommands(BRIDGE), "clients");

        assertThatThrownBy(() -> session.execute("clients"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("There is no bus: the bundle org.callosum.bus is not running");
        assertThatThrownBy(() -> new ConnectionCommands(null).clients(session, false, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("org.callosum.core");
        assertThatThrownBy(() -> new ConnectionCommands(null).disconnect("1"))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "callosum:send a b n=5 s=five l='[1, \"x\"]' t=\"two words\"",
                "callosum:send '{\"tract\":\"a\",\"event\":\"b\",\"n\":5,\"s\":\"five\",\"l\":[1,\"x\"],\"t\":\"two words\"}'"
            })
    void aMessageIsEmittedAsItWasTyped(String line) throws Exception {
        add(new SendCommand(emittingTo(Emission.SENT)), "send");

        assertThat(run(line)).isEqualTo("sent\n");
        assertThat(emitted)
                .containsExactly(
                        Message.parse("{\"tract\":\"a\",\"event\":\"b\",\"n\":5,\"s\":\"five\",\"l\":[1,\"x\"],"
                                + "\"t\":\"two words\"}"));
    }

    @Test
    void aMessageThatIsKeptIsSaidToBe() throws Exception {
        add(new SendCommand(emittingTo(Emission.QUEUED)), "send");

        assertThat(run("send a b")).isEqualTo("queued: the bus is away, it is sent when that is back\n");
    }

    @Test
    void whatIsNotSentIsAnError() {
        add(new SendCommand(emittingTo(Emission.SENT)), "send");

        assertThatThrownBy(() -> session.execute("send a b c")).hasMessage("'c' is not a field: write key=value");
        assertThatThrownBy(() -> session.execute("send")).hasMessageStartingWith("Nothing to send");
        assertThat(emitted).isEmpty();
    }

    @Test
    void aRefusalAndAMissingBusAreErrors() {
        Callosum full = message -> {
            throw new EmitRefusedException("full");
        };
        add(new SendCommand(full), "send");
        assertThatThrownBy(() -> session.execute("send a b")).isInstanceOf(EmitRefusedException.class);

        assertThatThrownBy(() -> new SendCommand(null).send("a", "b"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Nothing was sent: the bundle org.callosum.core is not running");
    }

    @Test
    void appsAreInstalledUpdatedAndRemovedAsItWasTyped() throws Exception {
        FakeUpdates updates = updates();

        assertThat(run("callosum:install file:/a.jar")).isEqualTo(UpdateView.text(UpdateViewTest.CLEAN));
        run("callosum:update a");
        run("callosum:update a ./b.jar");
        run("callosum:remove a");

        assertThat(updates.asked)
                .containsExactly(
                        "install file:/a.jar", "update a Optional.empty", "update a Optional[./b.jar]", "remove a");
    }

    @Test
    void aDryRunOnlyPlans() throws Exception {
        FakeUpdates updates = updates();

        assertThat(run("callosum:update --dry-run a b.jar")).isEqualTo(UpdateView.text(UpdateViewTest.PLAN));
        run("callosum:update -n a");
        run("callosum:remove --dry-run a");

        assertThat(updates.asked)
                .containsExactly(
                        "plan to update a Optional[b.jar]", "plan to update a Optional.empty", "plan to remove a");
    }

    @Test
    void eventsAreListenedToUntilCtrlC() throws Exception {
        add(new ListenCommand(context.proxy()), "listen");
        CompletableFuture<Object> listening = runInBackground("callosum:listen -t observe --event observed");
        FakeContext.Registration handler = context.awaitRegistration();
        assertThat(handler.properties()).isEqualTo(properties("observe", "observed"));

        handler.handle("{\"tract\": \"observe\", \"event\": \"observed\", \"x\": \"\u009b31m\"}");
        assertThat(screen.readLine())
                .isEqualTo("{\"tract\": \"observe\", \"event\": \"observed\", \"x\": \"\\u009b31m\"}");

        session.foregroundJob().interrupt(); // what the shell does on Ctrl-C
        handler.awaitUnregistered();
        waitFor(listening);
        add(new LineCounter(), "count");
        assertThat(run("count < /dev/null")).as("the session goes on").isEqualTo("0\n");
    }

    @Test
    void anEventIsShownAtOnceOnAScreenThatHoldsLinesBack() throws Exception {
        var screenOfKaraf = new BufferedOutputStream(screenEnd);
        CommandSession karaf = gogo.createSession(InputStream.nullInputStream(), screenOfKaraf, screenOfKaraf);
        add(new ListenCommand(context.proxy()), "listen");
        CompletableFuture.supplyAsync(() -> execute(karaf, "listen"));

        context.awaitRegistration().handle("{\"tract\":\"a\",\"event\":\"b\"}");

        assertThat(screen.readLine()).isEqualTo("{\"tract\":\"a\",\"event\":\"b\"}");
        karaf.close();
    }

    @Test
    void withoutATractAndAnEventAllIsListenedTo() throws Exception {
        add(new ListenCommand(context.proxy()), "listen");
        runInBackground("listen");

        assertThat(context.awaitRegistration().properties()).isEqualTo(properties("*", "*"));
    }

    @Test
    void aSessionThatClosesLeavesNoHandler() throws Exception {
        add(new ListenCommand(context.proxy()), "listen");
        runInBackground("listen");
        FakeContext.Registration handler = context.awaitRegistration();

        session.close();

        handler.awaitUnregistered();
    }

    @Test
    void aScreenThatIsGoneEndsTheListening() throws Exception {
        add(new ListenCommand(context.proxy()), "listen");
        CompletableFuture<Object> listening = runInBackground("listen");
        FakeContext.Registration handler = context.awaitRegistration();
        screen.close();

        handler.handle("{\"tract\":\"a\",\"event\":\"b\"}");

        handler.awaitUnregistered();
        listening.get();
    }

    @Test
    void aBundleThatStopsEndsTheListening() throws Exception {
        ListenCommand command = new ListenCommand(context.proxy());
        add(command, "listen");
        CompletableFuture<Object> listening = runInBackground("listen");
        FakeContext.Registration handler = context.awaitRegistration();

        command.stop();

        handler.awaitUnregistered();
        listening.get();
        command.listen(session, "*", "*"); // as one that was called just before: it returns
        context.awaitRegistration().awaitUnregistered();
    }

    @Test
    void aScreenThatIsStuckHoldsNoHandlerUpAndSaysWhatItMissed() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        GatedScreen gate = new GatedScreen(stuck, screenEnd);
        CommandSession slow = gogo.createSession(InputStream.nullInputStream(), gate, gate);
        add(new ListenCommand(context.proxy()), "listen");
        CompletableFuture.supplyAsync(() -> execute(slow, "listen"));
        FakeContext.Registration handler = context.awaitRegistration();
        handler.handle("{\"tract\":\"a\",\"event\":\"first\"}");
        gate.awaitEntered();

        for (int i = 0; i < 1_500; i++) {
            handler.handle("{\"tract\":\"a\",\"event\":\"" + i + "\"}"); // returns: this is the test
        }
        stuck.countDown();

        assertThat(screen.readLine()).contains("first");
        for (int i = 0; i < 1_000; i++) {
            assertThat(screen.readLine()).contains("\"" + i + "\"");
        }
        assertThat(screen.readLine()).isEqualTo("… 500 events dropped here: they came faster than they were printed");
        slow.close();
        handler.awaitUnregistered();
    }

    private static Dispatcher dispatcherWith(HandlerStatus... handlers) {
        return new FakeDispatcher(true, List.of(handlers), List.of());
    }

    private void inspect(Dispatcher dispatcher) {
        InspectCommands commands = new InspectCommands(context.proxy(), dispatcher, BRIDGE);
        INSPECTING.forEach(function -> add(commands, function));
    }

    private FakeUpdates updates() {
        FakeUpdates updates = new FakeUpdates(UpdateViewTest.CLEAN, UpdateViewTest.PLAN);
        UpdateCommands commands = new UpdateCommands(updates);
        List.of("install", "update", "remove").forEach(function -> add(commands, function));
        return updates;
    }

    private void add(Object command, String function) {
        gogo.addCommand("callosum", command, function);
    }

    /** What a line shows. */
    private String run(String line) throws Exception {
        session.execute(line);
        screenEnd.write("end\n".getBytes(UTF_8));
        StringBuilder shown = new StringBuilder();
        for (String next = screen.readLine(); !next.equals("end"); next = screen.readLine()) {
            shown.append(next).append('\n');
        }
        return shown.toString();
    }

    private CompletableFuture<Object> runInBackground(String line) {
        return CompletableFuture.supplyAsync(() -> execute(session, line));
    }

    private static Object execute(CommandSession session, String line) {
        try {
            return session.execute(line);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until it is done, well or not. */
    private static void waitFor(CompletableFuture<Object> run) {
        run.handle((result, failure) -> result).join();
    }

    private Callosum emittingTo(Emission result) {
        return message -> {
            emitted.add(message);
            return result;
        };
    }

    private static Dictionary<String, Object> properties(String tract, String event) {
        return new Hashtable<>(Map.of("tract", tract, "event", event));
    }

    /** A command that passes its input on. */
    public static final class LineCopier {
        public void copy() throws IOException {
            System.in.transferTo(System.out);
        }
    }

    /** A command that reads its input to the end. */
    public static final class LineCounter {
        public void count() {
            System.out.println(new BufferedReader(new InputStreamReader(System.in, UTF_8))
                    .lines()
                    .count());
        }
    }

    /** A screen that takes nothing until its gate opens. */
    private static final class GatedScreen extends OutputStream {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch gate;
        private final PipedOutputStream screen;

        GatedScreen(CountDownLatch gate, PipedOutputStream screen) {
            this.gate = gate;
            this.screen = screen;
        }

        void awaitEntered() throws InterruptedException {
            entered.await();
        }

        @Override
        public void write(int b) throws IOException {
            pass();
            screen.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            pass();
            screen.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            screen.flush();
        }

        private void pass() {
            entered.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
