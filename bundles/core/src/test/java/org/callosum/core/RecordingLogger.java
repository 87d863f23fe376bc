// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.osgi.service.log.Logger;

/** A {@link Logger} that keeps what it is told, formatted as a reader would see it. */
public final class RecordingLogger {
    /**
     * One line.
     *
     * @param failure the throwable that was the last argument; {@code null} if there was none
     */
    public record Line(String level, String text, Throwable failure) {}

    private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();

    /** The logger to hand on. */
    public Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (method.getReturnType() == boolean.class) {
                        return true;
                    }
                    if (method.getReturnType() == String.class) {
                        return "test";
                    }
                    record(method.getName(), flatten(arguments));
                    return null;
                });
    }

    /** Waits for the next line of a level. */
    public Line await(String level) throws InterruptedException {
        while (true) {
            Line line = lines.poll(10, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("No line at level " + level + " within 10 s");
            }
            if (line.level().equals(level)) {
                return line;
            }
        }
    }

    /** The lines of a level that were not awaited. */
    public List<String> texts(String level) {
        return lines.stream()
                .filter(line -> line.level().equals(level))
                .map(Line::text)
                .toList();
    }

    private void record(String level, List<Object> arguments) {
        String text = String.valueOf(arguments.get(0));
        Throwable failure = null;
        for (int i = 1; i < arguments.size(); i++) {
            if (i == arguments.size() - 1 && arguments.get(i) instanceof Throwable throwable) {
                failure = throwable;
                String.valueOf(throwable); // a real log prints it, and that is the exception's own code
            } else if (text.contains("{}")) {
                text = text.substring(0, text.indexOf("{}"))
                        + arguments.get(i)
                        + text.substring(text.indexOf("{}") + 2);
            } else {
                text += " [argument without a place: " + arguments.get(i) + "]";
            }
        }
        lines.add(new Line(level, text, failure));
    }

    private static List<Object> flatten(Object[] arguments) {
        return Stream.of(arguments)
                .flatMap(argument -> argument instanceof Object[] array ? Stream.of(array) : Stream.of(argument))
                .toList();
    }
}
