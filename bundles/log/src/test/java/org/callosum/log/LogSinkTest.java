// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Enumeration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

import static org.assertj.core.api.Assertions.assertThat;

class LogSinkTest {
    private final Log log = new Log();
    private final Lines output = new Lines();
    private final LogSink sink = new LogSink(log, new LogLine(null, ZoneOffset.UTC), output);

    @Test
    void whatWasLoggedBeforeItWasOpenedIsWrittenOldestFirst() {
        log.keep("one");
        log.keep("two");

        sink.open();

        assertThat(output.messages).containsExactly("one", "two");
    }

    @Test
    void anEntryThatIsKeptAndHandedOverIsWrittenOnce() {
        Entry entry = log.keep("one");
        sink.open();

        sink.logged(entry);
        sink.logged(log.keep("two"));

        assertThat(output.messages).containsExactly("one", "two");
    }

    @Test
    void entriesThatComeOutOfOrderAreAllWritten() {
        sink.open();
        Entry first = log.keep("first");
        Entry second = log.keep("second");

        sink.logged(second);
        sink.logged(first);

        assertThat(output.messages).containsExactly("second", "first");
    }

    @Test
    void whatWasNotYetHandedOverIsWrittenWhenItIsClosed() {
        sink.open();
        sink.logged(log.keep("one"));
        log.keep("two");

        sink.close();

        assertThat(output.messages).containsExactly("one", "two");
        assertThat(log.listeners).isEmpty();
    }

    @Test
    void aFailedWriteHarmsNoLaterOne() {
        sink.open();
        output.broken = true;
        sink.logged(log.keep("lost"));
        output.broken = false;

        sink.logged(log.keep("written"));

        assertThat(output.messages).last().isEqualTo("written");
    }

    @Test
    void whatAFullDiskTookIsCountedInTheLog() {
        sink.open();
        output.broken = true;
        sink.logged(log.keep("lost"));
        sink.logged(log.keep("lost too"));
        output.broken = false;

        sink.logged(log.keep("written"));
        sink.logged(log.keep("and on"));

        assertThat(output.lines)
                .hasSize(3)
                .first()
                .isEqualTo("callosum: 2 lines are missing here, the log could not be written: java.io.IOException:"
                        + " No space left on device");
    }

    private static final class Lines implements LineOutput {
        final List<String> lines = new ArrayList<>();
        final List<String> messages = new ArrayList<>();
        boolean broken;

        @Override
        public void write(String line) throws IOException {
            if (broken) {
                throw new IOException("No space left on device");
            }
            lines.add(line);
            messages.add(line.substring(line.lastIndexOf(": ") + 2));
        }

        @Override
        public void close() {}
    }

    private static final class Log implements LogReaderService {
        final List<LogListener> listeners = new ArrayList<>();
        private final Deque<LogEntry> kept = new ArrayDeque<>();

        Entry keep(String message) {
            Entry entry = Entry.of(LogLevel.INFO, "test", message);
            kept.addFirst(entry);
            return entry;
        }

        @Override
        public void addLogListener(LogListener listener) {
            listeners.add(listener);
        }

        @Override
        public void removeLogListener(LogListener listener) {
            listeners.remove(listener);
        }

        @Override
        public Enumeration<LogEntry> getLog() {
            return Collections.enumeration(kept);
        }
    }
}
