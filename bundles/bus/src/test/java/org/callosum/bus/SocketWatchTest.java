// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.callosum.journal.RecordingLogger;
import org.callosum.socket.SocketFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What is done about a socket file that is not the own one any more, look by look. */
@Timeout(30)
class SocketWatchTest {
    @TempDir
    Path folder;

    private final RecordingLogger log = new RecordingLogger();
    private final List<ServerSocketChannel> channels = new ArrayList<>();
    private final RecordingHost host = new RecordingHost();
    private SocketFile file;
    private SocketWatch watch;

    @BeforeEach
    void bind() throws IOException {
        file = BusSocket.file(path());
        channels.add(file.bind());
        watch = new SocketWatch(file, host, log.logger());
    }

    @AfterEach
    void close() throws IOException {
        for (ServerSocketChannel channel : channels) {
            channel.close();
        }
    }

    @Test
    void aFileInItsPlaceIsLeftAlone() {
        watch.look();
        watch.look();

        assertThat(host.told).containsExactly("in place", "in place");
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aDeletedFileIsBoundAgainAtOnce() throws Exception {
        Files.delete(path());
        watch.look();

        SocketChannel.open(UnixDomainSocketAddress.of(path())).close();
        assertThat(host.told).containsExactly("bound again", "in place");
        assertThat(log.lines())
                .containsExactly("WARN Socket file '" + path()
                        + "' was deleted: it is bound again, and those connected stay so [socket=" + path()
                        + " reason=\"was deleted\"]");
    }

    @Test
    void aFolderThatIsGoneIsMadeAgain() throws Exception {
        Path deep = folder.resolve("deep/callosum.sock");
        SocketFile inFolder = BusSocket.file(deep);
        channels.add(inFolder.bind());
        watch = new SocketWatch(inFolder, host, log.logger());
        Files.delete(deep);
        Files.delete(deep.resolveSibling("callosum.sock.lock"));
        Files.delete(deep.getParent());

        watch.look();

        SocketChannel.open(UnixDomainSocketAddress.of(deep)).close();
    }

    @Test
    void anotherServerIsNoticedAtTheSecondLookAndToldOnce() throws Exception {
        replace();
        watch.look();
        assertThat(host.told).isEmpty();

        for (int i = 0; i < 20; i++) {
            watch.look();
        }

        assertThat(host.told).containsExactly("displaced");
        SocketChannel.open(UnixDomainSocketAddress.of(path())).close(); // it was left alone
    }

    @Test
    void whenTheOtherServerHasRemovedItsFileItIsBoundAgain() throws Exception {
        replace();
        watch.look();
        watch.look();
        Files.delete(path());
        watch.look();

        assertThat(host.told).containsExactly("displaced", "bound again", "in place");
        assertThat(log.lines())
                .containsExactly("INFO The other server on socket '" + path()
                        + "' is gone: the bus is served there again [socket=" + path() + "]");
    }

    @Test
    void whenTheOtherServerHasDiedItsFileIsReplaced() throws Exception {
        ServerSocketChannel other = replace();
        watch.look();
        watch.look();
        other.close();
        for (int i = 0; i < 10; i++) {
            watch.look();
        }

        assertThat(host.told.subList(0, 3)).containsExactly("displaced", "bound again", "in place");
    }

    @Test
    void aServerThatHasBoundAndIsAboutToListenIsNotTakenForADeadOne() throws Exception {
        replace().close(); // to whoever knocks now it is the same
        watch.look();
        assertThat(host.told).isEmpty();

        watch.look();
        assertThat(host.told).containsExactly("bound again", "in place");
        assertThat(log.lines("WARN"))
                .singleElement()
                .asString()
                .contains("replaced by one that nobody listens on")
                .endsWith(" reason=\"was replaced by one that nobody listens on\"]");
    }

    @Test
    void aFileOfWhichOnlyTheTimesWereChangedIsStillTheOwnOne() throws Exception {
        Files.setLastModifiedTime(path(), FileTime.fromMillis(1));
        watch.look();
        host.arrivals++; // the knock came here
        watch.look();
        watch.look();

        assertThat(host.told).containsExactly("in place");
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void whileNobodyIsLetInItIsNotJudgedWhoseFileItIs() throws Exception {
        Files.setLastModifiedTime(path(), FileTime.fromMillis(1));
        watch.look();
        host.arrivals = -1;
        watch.look();
        watch.look();

        assertThat(host.told).isEmpty();
    }

    @Test
    void whatIsNoSocketIsLeftAloneAndSaidOnce() throws Exception {
        Files.delete(path());
        Files.writeString(path(), "precious");
        for (int i = 0; i < 5; i++) {
            watch.look();
        }

        assertThat(path()).hasContent("precious");
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("ERROR Socket file '" + path() + "' is not the bus's any more, and cannot be bound again: ")
                .contains(
                        "is not a socket",
                        "move it away",
                        "those connected go on",
                        " [socket=" + path() + " reason=\"");

        assertThat(host.told).isNotEmpty().containsOnly("lost");
        host.told.clear();
        Files.delete(path());
        watch.look();
        assertThat(host.told).containsExactly("bound again", "in place");
    }

    @Test
    void theTwoLooksThatItTakesAreWithinTwoSeconds() {
        assertThat(SocketWatch.PERIOD.multipliedBy(2)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void afterTheCloseNothingIsBound() throws Exception {
        watch.close();
        Files.delete(path());
        watch.look();

        assertThat(path()).doesNotExist();
        assertThat(host.told).isEmpty();
    }

    @Test
    void itMayBeClosedByWhomItTells() throws Exception {
        host.closes = true;
        replace();
        watch.look();
        watch.look();

        assertThat(host.told).containsExactly("displaced");
    }

    /** As the original does it when it starts. */
    private ServerSocketChannel replace() throws IOException {
        Files.delete(path()); // whose number the next one gets at once on some file systems: its modes are others
        ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channels.add(other);
        return other.bind(UnixDomainSocketAddress.of(path()));
    }

    private Path path() {
        return folder.resolve("callosum.sock");
    }

    private final class RecordingHost implements SocketWatch.Host {
        private final List<String> told = new ArrayList<>();
        private long arrivals;
        private boolean closes;

        @Override
        public long arrivals() {
            return arrivals;
        }

        @Override
        public void inPlace() {
            told.add("in place");
        }

        @Override
        public void lost() {
            told.add("lost");
        }

        @Override
        public void boundAgain(ServerSocketChannel channel) {
            channels.add(channel);
            told.add("bound again");
        }

        @Override
        public void displaced() {
            told.add("displaced");
            if (closes) {
                watch.close();
            }
        }
    }
}
