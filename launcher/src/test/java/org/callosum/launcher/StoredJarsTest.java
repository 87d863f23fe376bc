// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class StoredJarsTest {
    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 2, 3, 4, 6);

    @TempDir
    Path folder;

    @Test
    void aJarIsTheSameAndNothingInItIsCompressed() throws IOException {
        Path jar = folder.resolve("some.jar");
        try (var out = new ZipOutputStream(Files.newOutputStream(jar))) {
            put(out, "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n".repeat(100));
            put(out, "some/", "");
            put(out, "some/Type.class", "ÄÖÜ".repeat(10_000));
            put(out, "empty", "");
        }
        Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000_000));
        List<String> before = contents(jar);
        Path text = Files.writeString(folder.resolve("some.txt"), "no jar");

        StoredJars.main(new String[] {folder.toString()});

        assertThat(contents(jar)).hasSize(4).isEqualTo(before);
        try (var zip = new ZipFile(jar.toFile())) {
            assertThat(zip.stream()).extracting(ZipEntry::getMethod).containsOnly(ZipEntry.STORED);
        }
        assertThat(Files.getLastModifiedTime(jar).toMillis()).isEqualTo(1_000_000);
        assertThat(folder).isDirectoryContaining(text::equals);
        assertThat(Files.list(folder)).containsExactlyInAnyOrder(jar, text);
    }

    private static void put(ZipOutputStream out, String name, String content) throws IOException {
        var entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        out.putNextEntry(entry);
        out.write(content.getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
    }

    private static List<String> contents(Path jar) throws IOException {
        List<String> contents = new ArrayList<>();
        try (var zip = new ZipFile(jar.toFile())) {
            for (ZipEntry each : (Iterable<ZipEntry>) zip.stream().<ZipEntry>map(entry -> entry)::iterator) {
                contents.add(each.getName() + " " + each.getTimeLocal() + " "
                        + new String(zip.getInputStream(each).readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return contents;
    }
}
