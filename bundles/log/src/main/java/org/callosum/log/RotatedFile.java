// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A log file of bounded length, and the ones before it: {@code callosum.log}, {@code callosum.log.1}, and so on, the
 * higher the older. Not safe for use by several threads.
 */
final class RotatedFile implements LineOutput {
    private final Path file;
    private final long longest;
    private final int kept;

    private OutputStream out;
    private long length;

    /**
     * Appends to the file, which is created with its folder if it is missing.
     *
     * @param longest bytes that a file may hold before it is rotated
     * @param kept how many older files are kept
     */
    RotatedFile(Path file, long longest, int kept) throws IOException {
        this.file = file;
        this.longest = longest;
        this.kept = kept;
        Files.createDirectories(file.toAbsolutePath().getParent());
        open();
    }

    @Override
    public void write(String line) throws IOException {
        byte[] bytes = (line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8);
        if (length > 0 && length + bytes.length > longest) {
            rotate();
        }
        out.write(bytes);
        length += bytes.length;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private void open() throws IOException {
        out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        length = Files.size(file);
    }

    private void rotate() throws IOException {
        out.close();
        for (int older = kept; older > 0; older--) {
            Path from = older == 1 ? file : numbered(older - 1);
            if (Files.exists(from)) {
                Files.move(from, numbered(older), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        open();
    }

    private Path numbered(int older) {
        return file.resolveSibling(file.getFileName() + "." + older);
    }
}
