// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.probe;

import java.util.function.Consumer;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

/** Hands the test each line of the log: its level, its text, and behind that the throwable if there is one. */
@Component(
        service = {},
        immediate = true)
public final class LogLines implements LogListener {
    private final LogReaderService reader;
    private final Consumer<String> lines;

    @Activate
    public LogLines(@Reference LogReaderService reader, @Reference(target = "(probe=log)") Consumer<String> lines) {
        this.reader = reader;
        this.lines = lines;
        reader.addLogListener(this);
    }

    @Deactivate
    void deactivate() {
        reader.removeLogListener(this);
    }

    @Override
    public void logged(LogEntry entry) {
        Throwable thrown = entry.getException();
        lines.accept(entry.getLogLevel() + " " + entry.getMessage() + (thrown == null ? "" : " | " + thrown));
    }
}
