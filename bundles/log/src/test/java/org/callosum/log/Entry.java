// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;

/** A log entry as a log service makes it, at a time of its own. */
record Entry(long sequence, LogLevel level, String logger, String message, Throwable failure, Bundle bundle)
        implements LogEntry {
    private static final AtomicLong SEQUENCE = new AtomicLong();

    static Entry of(LogLevel level, String logger, String message) {
        return new Entry(SEQUENCE.incrementAndGet(), level, logger, message, null, null);
    }

    Entry with(Throwable thrown) {
        return new Entry(sequence, level, logger, message, thrown, bundle);
    }

    Entry from(String location) {
        var source = (Bundle) Proxy.newProxyInstance(
                Entry.class.getClassLoader(), new Class<?>[] {Bundle.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getLocation")) {
                        return location;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
        return new Entry(sequence, level, logger, message, failure, source);
    }

    @Override
    public Bundle getBundle() {
        return bundle;
    }

    @Override
    public ServiceReference<?> getServiceReference() {
        return null;
    }

    @Override
    @Deprecated
    public int getLevel() {
        return level.ordinal();
    }

    @Override
    public String getMessage() {
        return message;
    }

    @Override
    public Throwable getException() {
        return failure;
    }

    @Override
    public long getTime() {
        return Instant.parse("2026-01-01T00:00:00.042Z").toEpochMilli();
    }

    @Override
    public LogLevel getLogLevel() {
        return level;
    }

    @Override
    public String getLoggerName() {
        return logger;
    }

    @Override
    public long getSequence() {
        return sequence;
    }

    @Override
    public String getThreadInfo() {
        return "main";
    }

    @Override
    public StackTraceElement getLocation() {
        return null;
    }
}
