// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.spill;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * How far events were handed on, in a file that outlives the process: the position of the first that is not done, and whether
 * it is under way. It also holds the lock on the whole folder.
 *
 * <p>Behind these nine bytes, which one write replaces, are the ranges of positions above it that are done nevertheless: they
 * arise when events are written before others that were partly done.
 *
 * <p><b>Threads.</b> {@link #note} by one, {@link #next()} by any; the rest before and after that.
 */
final class Progress {
    static final String NAME = "progress";

    private static final int NOTE_BYTES = Long.BYTES + 1;
    private static final int RANGE_BYTES = 2 * Long.BYTES;

    /** Positions that are done: from {@code from} on, {@code to} not included. */
    record Range(long from, long to) {}

    private final Path path;

    /** Not a channel: an interrupt, which a handler may leave behind, would close that. */
    private final RandomAccessFile file;

    private final byte[] note = new byte[NOTE_BYTES];
    private List<Range> done = List.of();
    private boolean known;
    private boolean underWay;
    private volatile long next;

    private Progress(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens the file in this folder, or makes it, and takes the lock.
     *
     * @throws IOException if that cannot be done, or another process has the lock
     */
    static Progress open(Path folder) throws IOException {
        Path path = folder.resolve(NAME);
        try {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            // It is an earlier process's, or an empty one that nothing came of.
        }
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            if (!isLocked(file)) {
                throw new FileSystemException(folder.toString(), null, "is used by another process");
            }
            Progress progress = new Progress(path, file);
            progress.load();
            return progress;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static boolean isLocked(RandomAccessFile file) throws IOException {
        try {
            return file.getChannel().tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // another framework in this process
        }
    }

    private void load() throws IOException {
        byte[] bytes = new byte[(int) Math.min(file.length(), 1 << 16)];
        file.readFully(bytes);
        if (bytes.length < NOTE_BYTES || (bytes.length - NOTE_BYTES) % RANGE_BYTES != 0) {
            return;
        }
        ByteBuffer from = ByteBuffer.wrap(bytes);
        next = from.getLong();
        underWay = from.get() != 0;
        List<Range> ranges = new ArrayList<>();
        while (from.hasRemaining()) {
            ranges.add(new Range(from.getLong(), from.getLong()));
        }
        done = List.copyOf(ranges);
        known = true;
    }

    /** Whether the file said something. */
    boolean isKnown() {
        return known;
    }

    /** The first position that is not done. */
    long next() {
        return next;
    }

    boolean isUnderWay() {
        return underWay;
    }

    List<Range> done() {
        return done;
    }

    /** Notes it, so that it survives the process. */
    void note(long position, boolean isUnderWay) throws IOException {
        ByteBuffer.wrap(note).putLong(position).put((byte) (isUnderWay ? 1 : 0));
        file.seek(0);
        file.write(note);
        next = position; // behind the write: who sees it may delete what is before it
    }

    /** Begins anew at a position, with these ranges done above it. */
    void reset(long position, List<Range> doneAbove) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(NOTE_BYTES + doneAbove.size() * RANGE_BYTES);
        bytes.putLong(position).put((byte) 0);
        doneAbove.forEach(range -> bytes.putLong(range.from()).putLong(range.to()));
        file.seek(0);
        file.write(bytes.array());
        file.setLength(bytes.capacity());
        done = List.copyOf(doneAbove);
        next = position;
    }

    /** Lets go of the file, and deletes it if it says nothing any more. */
    void close(boolean delete) {
        try (file) {
            if (delete) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // What is left says nothing that is believed without a segment beside it.
        }
    }
}
