// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;

import org.osgi.service.log.Logger;

/** Keeps what is logged, for tests: one line an entry, {@code WARN the message}, with the arguments filled in. */
public final class RecordingLogger {
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    private final Logger logger = (Logger) Proxy.newProxyInstance(
            RecordingLogger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                if (method.getReturnType() == boolean.class) {
                    return true; // is…Enabled
                }
                String line = (String) arguments[0];
                for (int i = 1; i < arguments.length; i++) {
                    Object[] values = arguments[i] instanceof Object[] several ? several : new Object[] {arguments[i]};
                    for (Object value : values) {
                        line = line.replaceFirst("\\{}", Matcher.quoteReplacement("" + value));
                    }
                }
                lines.add(method.getName().toUpperCase(Locale.ROOT) + ' ' + line);
                return null;
            });

    /** To hand to what is tested. */
    public Logger logger() {
        return logger;
    }

    /** All lines so far. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** The lines of a level so far. */
    public List<String> lines(String level) {
        return lines().stream().filter(line -> line.startsWith(level + ' ')).toList();
    }

    /** The warnings so far. */
    public List<String> warnings() {
        return lines("WARN");
    }
}
