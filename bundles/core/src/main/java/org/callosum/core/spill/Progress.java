// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.spill;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
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
 * <p>Both are in the first eight bytes, which are mapped: one store replaces them, costs no system call, and survives the
 * process. Behind them are the ranges of positions above that are done nevertheless: they arise when events are written before
 * others that were partly done.
 *
 * <p><b>Threads.</b> {@link #note} by one, {@link #next()} by any; the rest before and after that.
 */
final class Progress {
    static final String NAME = "progress";

    private static final int NOTE_BYTES = Long.BYTES;
    /** Stores all bytes of a note at once. */
    private static final VarHandle NOTE = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int RANGE_BYTES = 2 * Long.BYTES;

    /** The note of a file that says nothing. */
    private static final long UNKNOWN = -1;

    /** Is added to the position, which is never negative, of an event that is under way. */
    private static final long UNDER_WAY = Long.MIN_VALUE;

    /** Positions that are done: from {@code from} on, {@code to} not included. */
    record Range(long from, long to) {}

    private final Path path;

    /** Not a channel, but to map it: an interrupt, which a handler may leave behind, would close that. */
    private final RandomAccessFile file;

    /** The first bytes of the file. Unmapped when it is garbage: nothing else can be done about it in Java 17. */
    private final ByteBuffer note;

    private List<Range> done = List.of();
    private boolean known;
    private boolean underWay;
    private volatile long next;

    private Progress(Path path, RandomAccessFile file) throws IOException {
        this.path = path;
        this.file = file;
        load();
        if (file.length() < NOTE_BYTES) {
            write(
                    UNKNOWN,
                    List.of()); // a store to a page that the disk has no room for would be the end of the process
        }
        this.note = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, NOTE_BYTES);
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
            return new Progress(path, file);
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
        long noted = from.getLong();
        if (noted == UNKNOWN) {
            return;
        }
        next = noted & ~UNDER_WAY;
        underWay = (noted & UNDER_WAY) != 0;
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

    /**
     * Notes it, so that it survives the process.
     *
     * @throws InternalError if the file was cut short, or its disk has failed
     */
    void note(long position, boolean isUnderWay) {
        NOTE.setRelease(note, 0, packed(position, isUnderWay));
        next = position; // behind the store: who sees it may delete what is before it
    }

    /** Begins anew at a position, with these ranges done above it. */
    void reset(long position, List<Range> doneAbove) throws IOException {
        write(position, doneAbove);
        done = List.copyOf(doneAbove);
        next = position;
    }

    private void write(long position, List<Range> doneAbove) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(NOTE_BYTES + doneAbove.size() * RANGE_BYTES);
        bytes.putLong(position);
        doneAbove.forEach(range -> bytes.putLong(range.from()).putLong(range.to()));
        file.seek(0);
        file.write(bytes.array());
        file.setLength(bytes.capacity());
    }

    private static long packed(long position, boolean isUnderWay) {
        return isUnderWay ? position | UNDER_WAY : position;
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
