// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.socket;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@SuppressWarnings("try") // a bus that only has to be there
@Timeout(60)
class SocketFileTest {
    @TempDir
    Path folder;

    @Test
    void fileAndMissingFoldersAreForTheOwnUserAlone() throws Exception {
        Path path = folder.resolve("a/b/callosum.sock");
        try (ServerSocketChannel channel = file(path).bind()) {
            assertThat(modeOf(path)).isEqualTo("rw-------");
            assertThat(modeOf(path.getParent())).isEqualTo("rwx------");
            assertThat(modeOf(path.getParent().getParent())).isEqualTo("rwx------");
        }
    }

    @Test
    void aFolderThatIsThereIsLeftAsItIs() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x--x"));
        try (ServerSocketChannel channel = file(path()).bind()) {
            assertThat(modeOf(folder)).isEqualTo("rwxr-x--x");
        }
    }

    @Test
    void aFileThatAServerLeftBehindIsReplaced() throws Exception {
        file(path()).bind().close(); // as if it had been killed: the file stays
        assertThat(path()).exists();

        try (ServerSocketChannel channel = file(path()).bind()) {
            SocketChannel.open(UnixDomainSocketAddress.of(path())).close();
        }
    }

    @Test
    void aLiveOneIsNeverTakenAway() throws Exception {
        try (ServerSocketChannel channel = file(path()).bind()) {
            assertThatThrownBy(() -> file(path()).bind())
                    .isInstanceOf(LiveSocketException.class)
                    .hasMessageContaining(path().toString())
                    .hasMessageContaining("served by somebody else")
                    .hasMessageContaining("join it");
            SocketChannel.open(UnixDomainSocketAddress.of(path())).close();
        }
    }

    @Test
    void aLiveOneThatHasNoRoomForAnotherClientIsNotTakenAwayEither() throws Exception {
        List<SocketChannel> clients = new ArrayList<>();
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(path()), 1); // and never accepts
            assertThatThrownBy(() -> {
                        while (true) {
                            SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
                            clients.add(client);
                            client.configureBlocking(false);
                            client.connect(UnixDomainSocketAddress.of(path()));
                        }
                    })
                    .isExactlyInstanceOf(SocketException.class);

            assertThatThrownBy(() -> file(path()).bind()).isInstanceOf(LiveSocketException.class);
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    @Test
    void whatIsNoSocketIsNeverRemoved() throws Exception {
        Files.writeString(path(), "precious");
        assertRefused();
        assertThat(path()).hasContent("precious");

        Files.delete(path());
        Files.createDirectory(path());
        assertRefused();
        assertThat(path()).isDirectory();

        Files.delete(path());
        Path elsewhere = folder.resolve("elsewhere.sock");
        file(elsewhere).bind().close();
        Files.createSymbolicLink(path(), elsewhere);
        assertRefused();
        assertThat(path()).isSymbolicLink();
        assertThat(elsewhere).exists();
    }

    @Test
    void aPathThatIsTooLongIsRefusedByName() throws Exception {
        String longest = "/" + "x".repeat(SocketFile.MAX_PATH_BYTES - 1);
        file(Path.of(longest));

        assertThatThrownBy(() -> file(Path.of(longest + "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + longest + "x'")
                .hasMessageContaining("105 bytes long")
                .hasMessageContaining("104")
                .hasMessageContaining("move the journal");
    }

    @Test
    void aPathInAnArchiveIsRefusedAtOnce() throws Exception {
        try (FileSystem archive = FileSystems.newFileSystem(folder.resolve("archive.zip"), Map.of("create", "true"))) {
            assertThatThrownBy(() -> file(archive.getPath("callosum.sock")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("callosum.sock")
                    .hasMessageContaining("archive.zip");
        }
    }

    @Test
    void ofManyThatStartAtOnceOneServes() throws Exception {
        int starters = 8;
        ExecutorService threads = Executors.newFixedThreadPool(starters);
        try {
            for (int round = 0; round < 20; round++) {
                Path path = folder.resolve("r" + round + ".sock");
                if (round % 2 == 1) {
                    file(path).bind().close(); // half of the time somebody left one behind
                }
                CyclicBarrier start = new CyclicBarrier(starters);
                Callable<ServerSocketChannel> starter = () -> {
                    start.await();
                    try {
                        return file(path).bind();
                    } catch (LiveSocketException somebodyElseWas) {
                        return null;
                    }
                };
                List<Future<ServerSocketChannel>> results = new ArrayList<>();
                for (int i = 0; i < starters; i++) {
                    results.add(threads.submit(starter));
                }
                List<ServerSocketChannel> serving = new ArrayList<>();
                for (Future<ServerSocketChannel> result : results) {
                    if (result.get() != null) {
                        serving.add(result.get());
                    }
                }
                assertThat(serving).hasSize(1);
                try (ServerSocketChannel server = serving.get(0);
                        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                    assertThat(server.accept().isConnected()).isTrue();
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void itIsRemovedAtTheEnd() throws Exception {
        SocketFile file = file(path());
        try (ServerSocketChannel channel = file.bind()) {
            file.remove();
            file.remove();
        }
        assertThat(path()).doesNotExist();
    }

    @Test
    void anotherOneInItsPlaceIsNotRemoved() throws Exception {
        SocketFile file = file(path());
        try (ServerSocketChannel channel = file.bind()) {
            Files.delete(path());
            try (ServerSocketChannel other = file(path()).bind()) {
                file.remove();
                SocketChannel.open(UnixDomainSocketAddress.of(path())).close();
            }
        }
    }

    @Test
    void aFolderThatIsGoneAtTheEndIsNoMatter() throws Exception {
        Path path = folder.resolve("gone/callosum.sock");
        SocketFile file = file(path);
        try (ServerSocketChannel channel = file.bind()) {
            Files.delete(path);
            Files.delete(path.resolveSibling("callosum.sock.lock"));
            Files.delete(path.getParent());
            file.remove();
        }
    }

    private void assertRefused() {
        assertThatThrownBy(() -> file(path()).bind())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path().toString())
                .hasMessageContaining("is not a socket")
                .hasMessageContaining("move it away, or choose another");
    }

    private static SocketFile file(Path path) {
        return new SocketFile(path, new SocketUse("the test", "join it", "choose another", "move the journal"));
    }

    private Path path() {
        return folder.resolve("callosum.sock");
    }

    private static String modeOf(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
