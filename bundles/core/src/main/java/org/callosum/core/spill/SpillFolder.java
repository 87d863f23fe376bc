// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.spill;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * The {@link Spill} in a folder of its own, which is there only while something is in it.
 *
 * <p>Positions begin in the middle of their range, so that there is always a place before the first.
 */
public final class SpillFolder implements Spill {
    /** How long a segment gets. */
    public static final long SEGMENT_BYTES = 64L << 20;

    private static final long FIRST = 1L << 62;

    private static final long NONE = -1;

    private final Path folder;
    private final long segmentBytes;
    private final Logger logger;

    /** By their positions; the last may be written to. */
    private final Deque<Segment> segments = new ArrayDeque<>();

    private Losses losses = (from, to) -> {};

    /** There while the folder is. Written before an event of it is given to who notes progress. */
    private volatile Progress progress;

    private long nextRead = FIRST;
    private long nextAppend = FIRST;

    /** What may have been handed on by an earlier process, from one position to another, neither beyond. */
    private long redeliveredFrom = NONE;

    private long redeliveredTo = NONE;

    private volatile long count;
    private volatile long bytes;
    private volatile long oldestMillis = NONE;

    /** Where the event is that {@code oldestMillis} is of. */
    private long oldestAt = NONE;

    private volatile boolean isProgressLost;

    /** A spill in this folder, which need not exist. */
    public SpillFolder(Path folder, long segmentBytes, Logger logger) {
        this.folder = folder;
        this.segmentBytes = segmentBytes;
        this.logger = logger;
    }

    @Override
    public void open(Losses listener) throws IOException {
        losses = listener;
        List<Path> files = files();
        if (files.isEmpty()) {
            return;
        }
        progress = Progress.open(folder);
        try {
            load(files);
        } catch (IOException | RuntimeException e) {
            // Nothing is used, so nothing may be deleted as done.
            segments.clear();
            progress.close(false);
            progress = null;
            throw e;
        }
    }

    private void load(List<Path> files) throws IOException {
        for (Path file : files) {
            try {
                segments.add(Segment.existing(file));
            } catch (IOException e) {
                setAside(file, e);
            }
        }
        if (segments.isEmpty()) {
            trim();
            return;
        }
        nextRead = segments.peekFirst().first();
        nextAppend = segments.peekLast().last() + 1;
        if (!progress.isKnown()) {
            logger.warn(
                    "File '{}' does not say how far the events in its folder were handled: all {} are handled, marked as"
                            + " redelivered{}",
                    folder.resolve(Progress.NAME),
                    nextAppend - nextRead,
                    file(folder.resolve(Progress.NAME)).and("spilled_events", nextAppend - nextRead));
            redeliveredFrom = nextRead;
            redeliveredTo = nextAppend - 1;
            progress.reset(nextRead, List.of());
        } else {
            nextRead = Math.max(nextRead, progress.next());
            redeliveredFrom = progress.isUnderWay() ? progress.next() : NONE;
            redeliveredTo = redeliveredFrom;
        }
        trim();
        look();
    }

    /** The segments' files by their positions: their names sort so. */
    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                for (Path entry : entries) {
                    if (Segment.isSegment(entry) && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                        files.add(entry);
                    }
                }
            }
        }
        Collections.sort(files);
        return files;
    }

    @Override
    public void append(List<Spilled> events) throws IOException {
        List<byte[]> encoded = encoded(events);
        Segment segment = writable();
        try {
            segment.append(encoded);
            nextAppend += events.size();
        } catch (IOException e) {
            if (segment.isEmpty()) {
                segments.removeLast().delete();
            }
            throw e;
        } finally {
            look();
        }
    }

    private Segment writable() throws IOException {
        Segment last = segments.peekLast();
        if (last != null && last.isWritable()) {
            if (last.bytes() < segmentBytes) {
                return last;
            }
            last.seal();
        }
        makeFolder();
        Segment segment = Segment.create(folder, nextAppend);
        segments.add(segment);
        return segment;
    }

    private void makeFolder() throws IOException {
        if (progress == null) {
            if (!Files.isDirectory(folder)) {
                Path parent = folder.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Progress opened = Progress.open(folder);
            try {
                opened.reset(nextAppend, List.of());
            } catch (IOException e) {
                opened.close(true);
                throw e;
            }
            nextRead = nextAppend;
            progress = opened;
        }
    }

    @Override
    public void prepend(List<Spilled> events) throws IOException {
        if (segments.isEmpty()) {
            append(events);
            return;
        }
        long lowest = segments.peekFirst().first();
        Segment segment = Segment.create(folder, lowest - events.size());
        try {
            segment.append(encoded(events));
            segment.seal();
            // All before this counts as done, so what is partly done above has to be named. Until this write the new
            // segment
            // counts as done, too, and goes.
            List<Progress.Range> done = new ArrayList<>();
            if (progress.next() > lowest) {
                done.add(new Progress.Range(lowest, progress.next()));
            }
            progress.done().stream()
                    .filter(range -> range.to() > progress.next())
                    .forEach(done::add);
            progress.reset(segment.first(), done);
        } catch (IOException e) {
            segment.delete();
            throw e;
        }
        segments.addFirst(segment);
        look();
    }

    private static List<byte[]> encoded(List<Spilled> events) {
        return events.stream().map(SpilledCodec::encode).toList();
    }

    @Override
    public List<Spilled> read(long mostBytes) {
        try {
            for (Segment segment = unread(); segment != null; segment = unread()) {
                long to = segment.last();
                for (Progress.Range range : progress.done()) {
                    if (range.from() > nextRead) {
                        to = Math.min(to, range.from() - 1);
                    }
                }
                try {
                    List<Spilled> read = segment.read(nextRead, to, mostBytes);
                    nextRead += read.size();
                    if (nextRead > segment.last() && !segment.isWritable()) {
                        segment.release();
                    }
                    return marked(read);
                } catch (IOException e) {
                    segments.remove(segment);
                    segment.release();
                    nextRead = segment.last() + 1;
                    setAside(segment.file(), e);
                }
            }
            return List.of();
        } finally {
            look();
        }
    }

    /** The segment that the next event is in, which then is at {@code nextRead}; {@code null} if all is read. */
    private Segment unread() {
        for (Segment segment : segments) {
            if (segment.last() < nextRead) {
                continue;
            }
            nextRead = Math.max(nextRead, segment.first());
            for (Progress.Range range : progress.done()) {
                if (range.from() <= nextRead && nextRead < range.to()) {
                    nextRead = range.to();
                }
            }
            if (nextRead <= segment.last()) {
                return segment;
            }
        }
        return null;
    }

    private List<Spilled> marked(List<Spilled> read) {
        if (read.get(0).position() > redeliveredTo) {
            return read;
        }
        List<Spilled> marked = new ArrayList<>(read);
        marked.replaceAll(event -> event.position() < redeliveredFrom || event.position() > redeliveredTo
                ? event
                : new Spilled(event.message().asRedelivered(), event.sinceMillis(), event.position()));
        return marked;
    }

    @Override
    public void underWay(long position) {
        note(position, true);
    }

    @Override
    public void done(long position) {
        note(position + 1, false);
    }

    private void note(long position, boolean isUnderWay) {
        try {
            progress.note(position, isUnderWay);
        } catch (InternalError e) { // what the JVM makes of a page that cannot be had
            if (!isProgressLost) {
                isProgressLost = true;
                logger.warn(
                        "File '{}' cannot be written: if the process ends now, events that were handled come again,"
                                + " unmarked. Look at its disk{}",
                        folder.resolve(Progress.NAME),
                        file(folder.resolve(Progress.NAME)),
                        e);
            }
        }
    }

    @Override
    public void trim() {
        if (progress == null) {
            return;
        }
        while (!segments.isEmpty() && segments.peekFirst().last() < progress.next()) {
            Segment done = segments.removeFirst();
            try {
                done.delete();
            } catch (IOException e) {
                logger.warn(
                        "File '{}' is not needed any more and cannot be deleted: do it when you can{}",
                        done.file(),
                        file(done.file()),
                        e);
            }
        }
        if (segments.isEmpty()) {
            progress.close(true);
            progress = null;
            nextRead = nextAppend;
            try {
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                // Something else is in it, set aside by us, or put there by somebody: that stays.
                logger.debug("Folder '{}' stays", folder, e);
            }
        }
        look();
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public OptionalLong oldestMillis() {
        long millis = oldestMillis;
        return millis == NONE ? OptionalLong.empty() : OptionalLong.of(millis);
    }

    @Override
    public void close() {
        trim();
        segments.forEach(Segment::release);
        if (progress != null) {
            progress.close(false);
        }
    }

    /** Looks how much there is. */
    private void look() {
        long unread = 0;
        long size = 0;
        for (Segment segment : segments) {
            long from = Math.max(nextRead, segment.first());
            unread += Math.max(0, segment.last() - from + 1);
            for (Progress.Range range : progress.done()) {
                unread -= Math.max(0, Math.min(segment.last() + 1, range.to()) - Math.max(from, range.from()));
            }
            size += segment.bytes();
        }
        bytes = size;
        count = unread;
        if (unread == 0) {
            oldestMillis = NONE;
        } else if (oldestMillis == NONE || oldestAt != nextRead) {
            oldestMillis = oldest();
            oldestAt = nextRead;
        }
    }

    private long oldest() {
        Segment segment = unread();
        try {
            return segment == null
                    ? NONE
                    : segment.read(nextRead, nextRead, 1).get(0).sinceMillis();
        } catch (IOException e) {
            return NONE; // it is dealt with when it is read
        }
    }

    private void setAside(Path file, Exception cause) {
        Path aside = file.resolveSibling(file.getFileName() + ".broken");
        Instant to = Instant.now();
        Instant from = to;
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            from = attributes.creationTime().toInstant();
            to = attributes.lastModifiedTime().toInstant();
            Files.move(file, aside);
            logger.warn(
                    "File '{}' of events that waited on disk cannot be read: what was in it is given up, the rest goes on."
                            + " It is kept as '{}': delete it when nobody wants to look at it{}",
                    file,
                    aside,
                    file(file).and("kept_as", aside).and("reason", cause.getMessage()),
                    cause);
        } catch (IOException e) {
            e.addSuppressed(cause);
            logger.warn(
                    "File '{}' of events that waited on disk can neither be read nor set aside: what was in it is given up,"
                            + " the rest goes on. Mend its permissions, or move it away{}",
                    file,
                    file(file).and("reason", cause.getMessage()),
                    e);
        }
        losses.lost(from.isAfter(to) ? to : from, to);
    }

    /** A file, for the values of a log line. */
    private static KeyValues file(Path file) {
        return KeyValues.of("file", file);
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
