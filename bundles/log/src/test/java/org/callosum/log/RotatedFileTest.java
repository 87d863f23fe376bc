// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RotatedFileTest {
    @TempDir
    Path folder;

    @Test
    void aFullFileIsMovedAsideAndTheOldestIsGivenUp() throws IOException {
        try (var file = new RotatedFile(log(), 10, 2)) {
            for (String line : new String[] {"aaaaaaa", "bbbbbbb", "ccccccc", "ddddddd"}) {
                file.write(line);
            }
        }

        assertThat(log()).hasContent("ddddddd");
        assertThat(folder.resolve("logs/callosum.log.1")).hasContent("ccccccc");
        assertThat(folder.resolve("logs/callosum.log.2")).hasContent("bbbbbbb");
        assertThat(folder.resolve("logs/callosum.log.3")).doesNotExist();
    }

    @Test
    void itAppendsToWhatIsThere() throws IOException {
        for (String line : new String[] {"first run", "second run"}) {
            try (var file = new RotatedFile(log(), 1_000, 2)) {
                file.write(line);
            }
        }

        assertThat(log()).hasContent("first run\nsecond run");
    }

    @Test
    void aLineThatIsLongerThanAFileIsWrittenWhole() throws IOException {
        try (var file = new RotatedFile(log(), 10, 1)) {
            file.write("longer than ten bytes");
        }

        assertThat(log()).hasContent("longer than ten bytes");
    }

    @Test
    void aFileThatCannotBeOpenedAgainPushesTheOlderOnesOutOnce() throws IOException {
        boolean[] isFull = {false};
        RotatedFile.Opener opener = path -> {
            if (isFull[0]) {
                throw new IOException("No space left on device");
            }
            return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        };
        try (var file = new RotatedFile(log(), 10, 2, opener)) {
            file.write("aaaaaaa");
            file.write("bbbbbbb");
            isFull[0] = true;
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> file.write("lost")).hasMessageContaining("No space");
            }
            isFull[0] = false;
            file.write("ccccccc");
        }

        assertThat(log()).hasContent("ccccccc");
        assertThat(folder.resolve("logs/callosum.log.1")).hasContent("bbbbbbb");
        assertThat(folder.resolve("logs/callosum.log.2")).hasContent("aaaaaaa");
    }

    private Path log() {
        return folder.resolve("logs/callosum.log");
    }
}
