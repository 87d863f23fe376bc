// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

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

    private Path log() {
        return folder.resolve("logs/callosum.log");
    }
}
