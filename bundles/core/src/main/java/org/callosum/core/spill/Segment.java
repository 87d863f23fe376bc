// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.spill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;

/**
 * One file of events, by their positions, which have no holes. Written until it is long enough or a write failed; then it is
 * read only, and deleted whole.
 *
 * <p>It never uses what MVStore has for long-lived files: no thread of its own, no compaction, no orderly close, which would
 * rewrite what is deleted soon. Each {@link #append} is one commit.
 */
final class Segment {
    private static final String ENDING = ".events";
    private static final String MAP = "events";

    private final Path file;
    private final long first;
    private long last;
    private long bytes;
    private boolean writable;

    /** {@code null} while it is not used. */
    private MVStore store;

    private MVMap<Long, byte[]> events;

    private Segment(Path file, long first) {
        this.file = file;
        this.first = first;
        this.last = first - 1;
    }

    /** Whether a file's name says that it is one. */
    static boolean isSegment(Path file) {
        return file.getFileName().toString().matches("[0-9]{19}" + ENDING.replace(".", "\\."));
    }

    /** A new one, whose first event will have this position. */
    static Segment create(Path folder, long first) throws IOException {
        Path file = folder.resolve(String.format("%019d", first) + ENDING);
        Files.deleteIfExists(file); // what a failed attempt left: no event of it counts
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Segment segment = new Segment(file, first);
        segment.writable = true;
        try {
            segment.open();
        } catch (IOException e) {
            segment.delete();
            throw e;
        }
        return segment;
    }

    /** One that an earlier process wrote. */
    static Segment existing(Path file) throws IOException {
        String name = file.getFileName().toString();
        Segment segment = new Segment(file, Long.parseLong(name.substring(0, name.length() - ENDING.length())));
        segment.open();
        try {
            Long last = segment.events.lastKey();
            Long first = segment.events.firstKey();
            if (last != null && (first != segment.first || last - first + 1 != segment.events.sizeAsLong())) {
                throw new IOException("Its events are not those that its name promises");
            }
            segment.last = last == null ? segment.first - 1 : last;
        } catch (RuntimeException e) {
            throw failure(e);
        } finally {
            segment.release();
        }
        return segment;
    }

    Path file() {
        return file;
    }

    /** The position of its first event. */
    long first() {
        return first;
    }

    /** The position of its last event; before the first if there is none. */
    long last() {
        return last;
    }

    boolean isEmpty() {
        return last < first;
    }

    /** The size of the file. */
    long bytes() {
        return bytes;
    }

    boolean isWritable() {
        return writable;
    }

    /** Writes events behind the last; all or none. It takes none any more after one failure. */
    void append(List<byte[]> encoded) throws IOException {
        try {
            long position = last;
            for (byte[] event : encoded) {
                events.append(++position, event);
            }
            store.commit();
            bytes = store.getFileStore().size();
            last = position;
        } catch (RuntimeException e) {
            seal();
            throw failure(e);
        }
    }

    /** The events from a position on, decoded, until their texts are long enough; those before the first that cannot be read. */
    List<Spilled> read(long from, long to, long mostBytes) throws IOException {
        List<Spilled> read = new ArrayList<>();
        try {
            open();
            long length = 0;
            long expected = from;
            Cursor<Long, byte[]> cursor = events.cursor(from);
            while (length < mostBytes && expected <= to && cursor.hasNext()) {
                if (cursor.next() != expected) {
                    throw new IOException("Event " + expected + " is missing");
                }
                read.add(SpilledCodec.decode(cursor.getValue(), expected));
                length += cursor.getValue().length;
                expected++;
            }
        } catch (IOException | RuntimeException e) {
            if (read.isEmpty()) {
                throw failure(e);
            }
        }
        if (read.isEmpty()) {
            throw new IOException("Event " + from + " is missing");
        }
        return read;
    }

    /** Takes no more. */
    void seal() {
        writable = false;
        release();
    }

    /** Lets go of the file until it is read again. */
    void release() {
        if (store != null) {
            try {
                store.closeImmediately();
            } catch (RuntimeException e) {
                // A store that failed is closed already, or as good as that: nothing of it is used again.
            }
            store = null;
            events = null;
        }
    }

    void delete() throws IOException {
        release();
        Files.deleteIfExists(file);
    }

    private void open() throws IOException {
        if (store != null) {
            return;
        }
        MVStore.Builder builder = new MVStore.Builder()
                .fileName(file.toString())
                .autoCommitDisabled()
                .cacheSize(1);
        try {
            store = (writable ? builder : builder.readOnly()).open();
            store.setVersionsToKeep(0);
            events = store.openMap(
                    MAP,
                    new MVMap.Builder<Long, byte[]>()
                            .keyType(LongDataType.INSTANCE)
                            .valueType(ByteArrayDataType.INSTANCE)
                            .singleWriter());
            bytes = Files.size(file);
        } catch (RuntimeException e) {
            release();
            throw failure(e);
        }
    }

    /** MVStore throws several kinds, for a full disk as for a damaged file. */
    private static IOException failure(Exception e) {
        return e instanceof IOException failed ? failed : new IOException(e.getMessage(), e);
    }
}
