// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import org.callosum.journal.RecordingLogger;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.ConnectionStatus.Peer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

@Timeout(60)
class PeerProcessesTest {
    @TempDir
    Path folder;

    private final RecordingLogger log = new RecordingLogger();

    @Test
    @EnabledOnOs(OS.LINUX)
    void theProcessOfEachConnectionIsToldWhereSsIs() throws Exception {
        assumeTrue(hasSs(), "ss of iproute2 is installed");
        try (ServedBus bus = ServedBus.in(folder);
                WireClient own = WireClient.join(bus.socket())) {
            Process other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Guest.class.getName(),
                            bus.socket().toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                assertThat(other.getInputStream().read()).isEqualTo('+'); // it is connected, and the bus knows it

                List<ConnectionStatus> connections = bus.server().connections();
                assertThat(connections)
                        .extracting(each -> each.process().map(Peer::pid).orElse(-1L))
                        .containsExactly(ProcessHandle.current().pid(), other.pid());
                // The command line's beginning: the class path is long.
                assertThat(connections.get(1).process().orElseThrow().command())
                        .contains("java")
                        .hasSizeLessThanOrEqualTo(250);
            } finally {
                other.destroyForcibly().waitFor();
            }
            await().until(() -> bus.server().closedConnections().size() == 1);
            assertThat(bus.server().closedConnections().get(0).process())
                    .map(Peer::pid)
                    .contains(other.pid());
            assertThat(bus.server().connections()).hasSize(1);
            assertThat(own.channel().isConnected()).isTrue();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whoIsThrownOffIsNamedWithItsProcessIfSomebodyHasLooked() throws Exception {
        assumeTrue(hasSs(), "ss of iproute2 is installed");
        RecordingReceiver receiver = new RecordingReceiver();
        long pid = ProcessHandle.current().pid();
        try (ServedBus bus = ServedBus.in(folder);
                WireClient own = WireClient.join(bus.socket())) {
            bus.server().attach(receiver);
            assertThat(bus.server().connections()).hasSize(1);
            assertThat(bus.server().disconnect(1)).isTrue();

            assertThat(own.readLine()).isNull();
            assertThat(receiver.thrownOff())
                    .singleElement()
                    .satisfies(told -> assertThat(told.process()).map(Peer::pid).contains(pid));
            assertThat(bus.log().lines("INFO")).anySatisfy(line -> assertThat(line)
                    .contains("as an operator wants it", " [client=1 user=", " pid=" + pid + " process=")
                    .endsWith(" backlog_bytes=0]"));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whereSsIsMissingNobodyIsFoundAndItIsTriedOnce() {
        PeerProcesses processes =
                new PeerProcesses(List.of(folder.resolve("no-ss").toString()), log.logger());
        processes.look(Set.of(1L), Set.of());
        processes.look(Set.of(1L, 2L), Set.of());
        assertThat(processes.of(1)).isEmpty();
        assertThat(log.lines("DEBUG")).hasSize(1);
        assertThat(log.lines("WARN")).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void eachConnectionIsLookedForOnce() throws Exception {
        Path runs = folder.resolve("runs");
        PeerProcesses processes = new PeerProcesses(List.of("sh", "-c", "echo run >> '" + runs + "'"), log.logger());
        processes.look(Set.of(1L), Set.of());
        processes.look(Set.of(1L), Set.of());
        assertThat(runs).content().isEqualTo("run\n");
        processes.look(Set.of(1L, 2L), Set.of());
        assertThat(runs).content().isEqualTo("run\nrun\n");
        processes.look(Set.of(), Set.of(1L));
        assertThat(runs).content().isEqualTo("run\nrun\n");
    }

    private static boolean hasSs() {
        try {
            return new ProcessBuilder("ss", "-V").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A process that is connected until it is killed. */
    static final class Guest {
        private Guest() {}

        public static void main(String[] arguments) throws IOException {
            try (WireClient client = WireClient.join(Path.of(arguments[0]))) {
                System.out.print('+');
                System.out.flush();
                for (String line = ""; line != null; line = client.readLine()) {}
            }
        }
    }
}
