// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;

import org.osgi.service.log.Logger;

/**
 * A logger that remembers, as {@code LEVEL message}. A line whose placeholders and arguments do not match in number fails.
 *
 * <p><b>Threads.</b> Any thread.
 */
final class RecordingLogger {
    private static final Set<String> LEVELS = Set.of("error", "warn", "info", "debug", "trace");

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) Proxy.newProxyInstance(
            Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                if (LEVELS.contains(method.getName()) && arguments[0] instanceof String format) {
                    lines.add(method.getName().toUpperCase() + " " + text(format, arguments));
                }
                return method.getReturnType() == boolean.class ? Boolean.TRUE : null;
            });

    Logger logger() {
        return logger;
    }

    /** All lines so far. */
    List<String> lines() {
        return lines;
    }

    /** The lines of a level so far. */
    List<String> lines(String level) {
        return lines.stream().filter(line -> line.startsWith(level + " ")).toList();
    }

    private static String text(String format, Object[] arguments) {
        List<Object> values = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i] instanceof Object[] rest) {
                values.addAll(List.of(rest));
            } else {
                values.add(arguments[i]);
            }
        }
        String text = format;
        for (Object value : values) {
            if (!text.contains("{}")) {
                if (value instanceof Throwable) {
                    continue;
                }
                return "BROKEN LOG LINE: " + format;
            }
            text = text.replaceFirst("\\{\\}", Matcher.quoteReplacement(String.valueOf(value)));
        }
        return text;
    }
}
