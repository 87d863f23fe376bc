// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.observer;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.callosum.api.Json;
import org.callosum.api.KeyValues;
import org.callosum.api.Printable;
import org.callosum.journal.Day;
import org.callosum.journal.FileStamp;
import org.callosum.journal.Journal;
import org.callosum.journal.JournalFolder;
import org.callosum.journal.Segment;
import org.osgi.service.log.Logger;

/**
 * The observers that the journal has a record of, in {@code apps/observer/observers/<prefix>.json}, and their histories, in
 * {@code apps/observer/observers/<prefix>/hist/<day>.jsonl}.
 *
 * <p>A search lists the folder and looks at each record's stamp: some ten microseconds a record. Only a record that has
 * changed is read again, so a change counts from the next event on.
 *
 * <p><b>Threads.</b> May be used by several at once. Counts are raised one after the other, so none is lost within this
 * runtime. Another process that rewrites a record at the same moment is not kept out: records have no lock, and whoever
 * comes last wins, as ever.
 */
final class Observers {
    /** No record is as long by far; what is longer is not read. */
    private static final int MAX_RECORD_BYTES = 1 << 20;

    /**
     * What a record's file said when it was read last.
     *
     * @param observer empty if there was no observer's record in it
     * @param problem why not; empty if there was
     * @param again whether to read it again although it has not changed: it could not be read, for want of a permission or
     *     a file descriptor, say
     */
    private record Reading(FileStamp stamp, Optional<Observer> observer, String problem, boolean again) {}

    private final JournalFolder folder;
    private final Logger logger;

    /** By file name. Guarded by {@code this}. */
    private Map<String, Reading> readings = Map.of();

    /** Held while a record is read, changed and replaced. Not {@code this}: a search need not wait for the disk. */
    private final Object recordLock = new Object();

    Observers(Journal journal, Logger logger) {
        this.folder = journal.folder("apps", "observer", "observers");
        this.logger = logger;
    }

    /**
     * The observer of this name; of two the one whose record was created later, of two as old as each other the one whose
     * file's name comes first. A file that is no observer's record is left out, with a warning when it is first seen and
     * whenever it has changed.
     */
    Optional<Observer> find(String name) throws IOException {
        List<String> problems = new ArrayList<>();
        Optional<Observer> found = Optional.empty();
        synchronized (this) {
            readings = readAgain(problems);
            for (Reading reading : readings.values()) {
                Optional<Observer> observer =
                        reading.observer().filter(it -> it.name().equals(name));
                if (observer.isPresent()
                        && (found.isEmpty()
                                || observer.get().createdAt() > found.get().createdAt())) {
                    found = observer;
                }
            }
        }
        problems.forEach(logger::warn);
        return found;
    }

    private Map<String, Reading> readAgain(List<String> problems) throws IOException {
        Set<String> files = folder.names(Observer.ENDING);
        Map<String, Reading> now = new LinkedHashMap<>(2 * files.size());
        for (String file : files) {
            Reading known = readings.get(file);
            try {
                FileStamp stamp = folder.stamp(file);
                boolean changed = known == null || !known.stamp().equals(stamp);
                Reading reading = changed || known.again() ? read(file, stamp) : known;
                if (!reading.problem().isEmpty()
                        && (changed || !reading.problem().equals(known.problem()))) {
                    problems.add("Observer record " + Printable.quoted(file) + " is skipped: " + reading.problem()
                            + KeyValues.of("file", file).and("reason", reading.problem()));
                }
                now.put(file, reading);
            } catch (NoSuchFileException goneMeanwhile) {
                // It is no observer's record any more.
            }
        }
        return now;
    }

    private Reading read(String file, FileStamp stamp) throws NoSuchFileException {
        try {
            Observer observer = Observer.parse(file, folder.read(file, MAX_RECORD_BYTES));
            return new Reading(stamp, Optional.of(observer), "", false);
        } catch (IllegalArgumentException e) {
            return new Reading(stamp, Optional.empty(), Printable.of(e.getMessage(), 500), false);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            return new Reading(stamp, Optional.empty(), Printable.of(e.toString(), 500), true);
        }
    }

    /** Appends a line to the observer's history of the day. */
    void appendHistory(Observer observer, Day day, String type, Segment segment, long currentTimeMillis)
            throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("ts", currentTimeMillis);
        line.put("type", type);
        line.put("segment", segment.name());
        JournalFolder history = folder.folder(observer.prefix()).folder("hist");
        history.create();
        history.appendLine(day + ".jsonl", Json.write(line));
    }

    /**
     * Adds one to a number in the {@code stats} of the observer's record, which is read anew for it; all else in it stays.
     *
     * @throws IllegalArgumentException if the record has become none, or the number is none; the record stays as it is
     */
    void raiseCount(Observer observer, String count) throws IOException {
        synchronized (recordLock) {
            String json = folder.read(observer.file(), MAX_RECORD_BYTES);
            Observer.parse(observer.file(), json);
            folder.replace(observer.file(), RecordText.withOneMore(json, count));
        }
    }
}
