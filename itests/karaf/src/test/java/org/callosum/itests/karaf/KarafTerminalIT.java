// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.AfterClass;
import org.junit.Assume;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

import static org.assertj.core.api.Assertions.assertThat;

/** Our commands in Karaf's own shell, typed at a terminal of eighty columns. What they print without one is {@link FeaturesIT}'s. */
public class KarafTerminalIT {
    private static final int COLUMNS = 80;

    @ClassRule
    public static final TemporaryFolder FOLDER = new TemporaryFolder();

    private static KarafTerminal karaf;

    @BeforeClass
    public static void startKarafOrSkip() throws Exception {
        KarafRunner.skipWhereKarafDoesNotRun();
        Assume.assumeTrue("there is no 'script' to make a pseudo-terminal with", KarafTerminal.isPossible());
        karaf = KarafTerminal.open(FOLDER.getRoot().toPath(), COLUMNS);
        karaf.run("feature:repo-add " + KarafDistribution.features(), "Adding feature url");
        karaf.run("feature:install callosum callosum-apps callosum-metrics; shell:echo instal''led", "installed");
    }

    @AfterClass
    public static void endKaraf() {
        if (karaf != null) {
            karaf.close();
        }
    }

    @Test
    public void eachShowsWhatItDoesOrWhyItDoesNot() throws Exception {
        for (List<String> each : List.of( // in this order: some make what others show
                List.of("status", "Nothing needs attention."),
                List.of("health", "handlers    ok"),
                List.of("handlers", "SegmentLog"),
                List.of("handler SegmentLog", "Listens to  observe/*, think/*, activity/*"),
                List.of("handler nobody", "There is no handler 'nobody'"),
                List.of("apps", "segment-log  active"),
                List.of("app observer", "observer  active"),
                List.of("app nobody", "There is no app 'nobody'"),
                List.of("running", "Nothing has run for more than a moment."),
                List.of("blame", "No event has waited for a slow handler."),
                List.of("queue", "on disk"),
                List.of("parked", "Nothing is parked."),
                List.of("explain door opened", "would be handed to"),
                List.of("send door opened n=1", "sent"),
                List.of("replay -t door", "\"n\":1"),
                List.of("trace -t 100ms door shut", "0 of 1 events of door/shut came within 100 ms"),
                List.of("top -n 1 -i 100ms", "received "),
                List.of("clients", "No connections."),
                List.of("clients --closed", "closed by the client"), // which was replay
                List.of("disconnect 4711", "There is no connection 4711"),
                List.of("quarantine SegmentLog", "is in quarantine"),
                List.of("handlers", "quarantined"),
                List.of("release SegmentLog", "Released."),
                List.of("release SegmentLog", "is in no quarantine"),
                List.of("diagnose", "Written to "),
                List.of("ready; shell:echo yes', it is'", "yes, it is"),
                List.of("install none.jar", "'none.jar' cannot be read"),
                List.of("update nobody", "'nobody' is no app"),
                List.of("remove nobody", "'nobody' is no app"),
                List.of("listen '(n>1'", "'(n>1' is no filter"))) {
            assertThat(karaf.run("callosum:" + each.get(0), each.get(1)))
                    .as(each.get(0))
                    .doesNotContain("\tat ");
        }
    }

    @Test
    public void aTableHasTheTerminalsWidthAndColours() throws Exception {
        karaf.run("callosum:quarantine ErrorWatch", "is in quarantine");

        String shown = karaf.run("callosum:handlers", "(no room for ");
        karaf.run("callosum:release ErrorWatch", "Released.");

        assertThat(shown).contains("\u001b[31mquarantined\u001b[m");
        String table = KarafTerminal.plain(shown);
        assertThat(table.substring(table.indexOf("ID  APP"), table.indexOf("(no room for "))
                        .lines())
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(COLUMNS));
    }

    @Test
    public void ctrlCEndsTopQuietly() throws Exception {
        karaf.begin("callosum:top -i 100ms", "received ");

        karaf.interrupt();

        assertThat(KarafTerminal.plain(karaf.settle())).doesNotContain("Exception", "Error executing command");
    }

    @Test
    public void aKeyEndsTop() throws Exception {
        karaf.begin("callosum:top -i 100ms", "received ");

        karaf.press("q");

        assertThat(KarafTerminal.plain(karaf.settle())).doesNotContain("Exception", "Error executing command");
    }

    @Test
    public void ctrlCEndsListenQuietlyWhileItPrints() throws Exception {
        ctrlCEndsWhileItPrints("listen -t window");
    }

    @Test
    public void ctrlCEndsReplayQuietlyWhileItPrints() throws Exception {
        ctrlCEndsWhileItPrints("replay -f -t window");
    }

    private static void ctrlCEndsWhileItPrints(String command) throws Exception {
        karaf.run("callosum:listen '(n>1'", "is no filter"); // so the shell knows our commands
        karaf.type("callosum:" + command);
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(karaf.socket()));
            String frames = "{\"tract\":\"window\",\"event\":\"shut\"}\n".repeat(1_000);
            karaf.awaitAfter(() -> say(client, frames), "\"shut\"");
            karaf.interrupt();
        }

        assertThat(KarafTerminal.plain(karaf.settle())).doesNotContain("Exception", "Error executing command");
    }

    private static void say(SocketChannel client, String frame) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(frame.getBytes(StandardCharsets.UTF_8));
        while (rest.hasRemaining()) {
            client.write(rest);
        }
    }
}
