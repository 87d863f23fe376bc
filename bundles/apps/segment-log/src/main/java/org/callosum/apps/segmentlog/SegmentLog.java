// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.segmentlog;

import java.io.IOException;
import java.util.Map;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.api.OnEvent;
import org.callosum.journal.Day;
import org.callosum.journal.Journal;
import org.callosum.journal.JournalFolder;
import org.callosum.journal.Segment;
import org.callosum.journal.Stream;
import org.callosum.journal.SymbolicLinkException;
import org.callosum.journal.Warnings;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Appends each event of a segment, as the whole message on a line, to {@code events.jsonl} in the segment's folder:
 * {@code chronicle/<day>/[<stream>/]<segment>/} in the journal. It makes no folder: an event of a segment that has none is
 * not kept, nor one that has no {@code day} or no {@code segment}.
 */
@Component(service = EventHandler.class)
@OnEvent(
        tract = {"observe", "think", "activity"},
        event = "*")
public final class SegmentLog implements CallosumEventHandler {
    private final Journal journal;
    private final Warnings warnings;

    /** Called by Declarative Services. */
    @Activate
    public SegmentLog(BundleContext bundle, @Reference(service = LoggerFactory.class) Logger logger) {
        this(Journal.of(bundle), logger);
    }

    SegmentLog(Journal journal, Logger logger) {
        this.journal = journal;
        this.warnings = new Warnings(logger);
    }

    @Override
    public void handle(EventContext context) throws IOException {
        Message msg = context.msg();
        Map<String, Object> fields = msg.toMap();
        if (fields.get("day") == null || fields.get("segment") == null) {
            return; // of no segment, as many events are
        }
        JournalFolder folder;
        try {
            folder = folder(fields);
        } catch (IllegalArgumentException e) {
            notKept(msg, e);
            return;
        }
        try {
            if (folder.exists()) {
                // JSON has a carriage return as white space only; some readers would take it for the line's end.
                folder.appendLine("events.jsonl", msg.toJson().replace('\r', ' '));
            }
        } catch (SymbolicLinkException e) {
            notKept(msg, e);
        }
    }

    private void notKept(Message msg, Exception why) {
        warnings.warn(msg + " is not kept: " + why.getMessage(), msg.keyValues().and("reason", why.getMessage()));
    }

    private JournalFolder folder(Map<String, Object> fields) {
        JournalFolder folder =
                journal.folder("chronicle").folder(Day.of(fields.get("day")).name());
        if (fields.get("stream") != null) {
            folder = folder.folder(Stream.of(fields.get("stream")).name());
        }
        return folder.folder(Segment.of(fields.get("segment")).name());
    }
}
