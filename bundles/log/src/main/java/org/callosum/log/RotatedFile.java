// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
    private final Opener opener;

    /** The file; {@code null} if it was moved aside and could not be opened again. */
    private FileChannel out;

    private long length;

    /** Opens a file to append to, which is created if it is missing. */
    @FunctionalInterface
    interface Opener {
        FileChannel open(Path file) throws IOException;
    }

    /**
     * Appends to the file, which is created with its folder if it is missing.
     *
     * @param longest bytes that a file may hold before it is rotated
     * @param kept how many older files are kept
     */
    RotatedFile(Path file, long longest, int kept) throws IOException {
        this(file, longest, kept, path -> FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    RotatedFile(Path file, long longest, int kept, Opener opener) throws IOException {
        this.opener = opener;
        this.file = file;
        this.longest = longest;
        this.kept = kept;
        Files.createDirectories(file.toAbsolutePath().getParent());
        open();
    }

    @Override
    public void write(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
        if (out == null) {
            open(); // moved aside it was before: doing that again and again would push the older ones out
        }
        if (length > 0 && length + bytes.remaining() > longest) {
            rotate();
        }
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            takeBack(e);
            throw e;
        }
        length += bytes.limit();
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }

    private void open() throws IOException {
        out = opener.open(file);
        length = out.size();
    }

    /** Half a line on a full disk would be the beginning of the next one that fits. */
    private void takeBack(IOException cause) {
        try {
            out.truncate(length);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private void rotate() throws IOException {
        out.close();
        out = null;
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
