// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Keeps what is written to a logger of the JDK, and keeps it from the console; prints each throwable, as a real one does. */
final class JdkLog extends Handler {
    private final Logger logger;
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    private JdkLog(Logger logger) {
        this.logger = logger;
    }

    static JdkLog of(String name) {
        JdkLog log = new JdkLog(Logger.getLogger(name));
        log.logger.setUseParentHandlers(false);
        log.logger.addHandler(log);
        return log;
    }

    List<LogRecord> records(String level) {
        return records.stream()
                .filter(line -> line.getLevel().getName().equals(level))
                .toList();
    }

    List<String> lines(String level) {
        return records(level).stream().map(LogRecord::getMessage).toList();
    }

    @Override
    public void publish(LogRecord line) {
        String.valueOf(line.getThrown());
        records.add(line);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}
