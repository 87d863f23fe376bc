// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

/**
 * Takes the entries of one log service and writes each once: those from before it was opened, those that come, and, when
 * it is closed, those that the log service had not yet handed over.
 *
 * <p><b>Threads.</b> The log service calls {@link #logged} on a thread of its own; open and close are called by others.
 */
final class LogSink implements LogListener {
    /** As many entries as the log service keeps, and more: which of those it keeps were written has to be known. */
    private static final int REMEMBERED = 2_000;

    private final LogReaderService reader;
    private final LogLine lines;
    private final LineOutput output;

    /** The numbers of the entries written last, oldest first. Guarded by {@code this}, as is the output. */
    private final Set<Long> written = new LinkedHashSet<>();

    /** How many lines could not be written since the last that was. */
    private long lost;

    private IOException failure;

    LogSink(LogReaderService reader, LogLine lines, LineOutput output) {
        this.reader = reader;
        this.lines = lines;
        this.output = output;
    }

    /** Begins to listen, and writes what was logged before. */
    synchronized void open() {
        reader.addLogListener(this); // what comes from now on waits for 'this', so that the order is kept
        writePast();
    }

    /** Ends to listen, and writes what was logged until now. */
    synchronized void close() {
        reader.removeLogListener(this);
        writePast();
    }

    @Override
    public synchronized void logged(LogEntry entry) {
        if (!written.add(entry.getSequence())) {
            return;
        }
        if (written.size() > REMEMBERED) {
            var oldest = written.iterator();
            oldest.next();
            oldest.remove();
        }
        Optional<String> line = lines.of(entry);
        if (line.isPresent()) {
            write(line.get());
        }
    }

    private void writePast() {
        List<LogEntry> past = new ArrayList<>(Collections.list(reader.getLog()));
        Collections.reverse(past); // the log service gives the newest first
        past.forEach(this::logged);
    }

    private void write(String line) {
        try {
            if (lost > 0) {
                output.write("callosum: " + lost + " lines are missing here, the log could not be written: " + failure);
                lost = 0;
            }
            output.write(line);
        } catch (IOException e) {
            if (lost == 0) { // once, until it works again: the disk may be full for long
                System.err.println("callosum: the log cannot be written: " + e);
            }
            lost++;
            failure = e;
        }
    }
}
