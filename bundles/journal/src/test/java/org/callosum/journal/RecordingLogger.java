// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.osgi.service.log.Logger;

/**
 * Keeps what is logged, for tests, as a reader would see it: one line an entry, {@code WARN the message}. An argument that has no
 * place in its line is said behind it, so that no test that knows the line passes.
 *
 * <p><b>Threads.</b> Any thread.
 */
public final class RecordingLogger {
    /**
     * One line.
     *
     * @param level in capital letters
     * @param failure the throwable that was the last argument; {@code null} if there was none
     */
    public record Line(String level, String text, Throwable failure) {
        private boolean isAt(String wanted) {
            return level.equalsIgnoreCase(wanted);
        }

        @Override
        public String toString() {
            return level + ' ' + text;
        }
    }

    private final List<Line> lines = Collections.synchronizedList(new ArrayList<>());
    private final BlockingQueue<Line> toAwait = new LinkedBlockingQueue<>();

    private final Logger logger = (Logger) Proxy.newProxyInstance(
            RecordingLogger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                if (method.getReturnType() == boolean.class) {
                    return true; // is…Enabled
                }
                if (method.getReturnType() == String.class) {
                    return "test";
                }
                Line line = line(method.getName().toUpperCase(Locale.ROOT), flatten(arguments));
                lines.add(line);
                toAwait.add(line);
                return null;
            });

    /** To hand to what is tested. */
    public Logger logger() {
        return logger;
    }

    /** All lines so far. */
    public List<String> lines() {
        return Stream.of(lines.toArray(Line[]::new)).map(Line::toString).toList();
    }

    /** The lines of a level so far. */
    public List<String> lines(String level) {
        return Stream.of(lines.toArray(Line[]::new))
                .filter(line -> line.isAt(level))
                .map(Line::toString)
                .toList();
    }

    /** The warnings so far. */
    public List<String> warnings() {
        return lines("WARN");
    }

    /** Waits for the next line of a level; those before it count as awaited. */
    public Line await(String level) throws InterruptedException {
        while (true) {
            Line line = toAwait.poll(10, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("No line at level " + level + " within 10 s");
            }
            if (line.isAt(level)) {
                return line;
            }
        }
    }

    /** The texts of a level, without it, that were not awaited. */
    public List<String> texts(String level) {
        return toAwait.stream().filter(line -> line.isAt(level)).map(Line::text).toList();
    }

    private static Line line(String level, List<Object> arguments) {
        String text = String.valueOf(arguments.get(0));
        Throwable failure = null;
        int from = 0; // a value may hold braces, too
        for (int i = 1; i < arguments.size(); i++) {
            int place = text.indexOf("{}", from);
            if (i == arguments.size() - 1 && arguments.get(i) instanceof Throwable throwable) {
                failure = throwable;
                String.valueOf(throwable); // a real log prints it, and that is the exception's own code
            } else if (place >= 0) {
                String value = String.valueOf(arguments.get(i));
                text = text.substring(0, place) + value + text.substring(place + 2);
                from = place + value.length();
            } else {
                text += " [argument without a place: " + arguments.get(i) + "]";
            }
        }
        return new Line(level, text, failure);
    }

    private static List<Object> flatten(Object[] arguments) {
        return Stream.of(arguments)
                .flatMap(argument -> argument instanceof Object[] array ? Stream.of(array) : Stream.of(argument))
                .toList();
    }
}
