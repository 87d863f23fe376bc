// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LogReaderService;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Connects each log service that comes to the place that the framework properties name. An activator and no component, for
 * it runs before there is an SCR.
 */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class LogActivator implements BundleActivator {
    /** The framework property that names the file to log to; without it the log goes to standard error. */
    static final String FILE_PROPERTY = "callosum.log.file";

    /** The framework property that names the apps' folder. */
    static final String APPS_PROPERTY = "callosum.apps";

    private static final long FILE_BYTES = 10L << 20;
    private static final int FILES_KEPT = 5;

    private LineOutput output;
    private ServiceTracker<LogReaderService, LogSink> readers;

    @Override
    public void start(BundleContext context) throws IOException {
        String file = context.getProperty(FILE_PROPERTY);
        String apps = context.getProperty(APPS_PROPERTY);
        output = file == null ? new ErrorStream(System.err) : new RotatedFile(Path.of(file), FILE_BYTES, FILES_KEPT);
        var lines = new LogLine(apps == null ? null : Path.of(apps).toUri().toString());
        readers = new ServiceTracker<>(context, LogReaderService.class, null) {
            @Override
            public LogSink addingService(ServiceReference<LogReaderService> reference) {
                var sink = new LogSink(context.getService(reference), lines, output);
                sink.open();
                return sink;
            }

            @Override
            public void removedService(ServiceReference<LogReaderService> reference, LogSink sink) {
                sink.close();
                context.ungetService(reference);
            }
        };
        readers.open();
    }

    @Override
    public void stop(BundleContext context) throws IOException {
        readers.close();
        output.close();
    }

    /** Standard error as it was when this bundle started: what others set in its place later is not the log's. */
    private record ErrorStream(PrintStream stream) implements LineOutput {
        @Override
        public void write(String line) {
            stream.println(line);
        }

        @Override
        public void close() {
            stream.flush();
        }
    }
}
