// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The real Gogo of a framework, from outside of it, where its types are not known. */
final class GogoShell {
    private static final String PROCESSOR = "org.apache.felix.service.command.CommandProcessor";

    private final BundleContext context;

    GogoShell(BundleContext context) {
        this.context = context;
    }

    /** Runs a line without a terminal; what it prints. */
    String run(String line) throws Exception {
        return run(line, Map.of());
    }

    /** Runs a line on a terminal of a width; what it prints. */
    String runOnTerminal(int columns, String line) throws Exception {
        return run(line, Map.of("TERM", "xterm-256color", "COLUMNS", columns));
    }

    private String run(String line, Map<String, Object> variables) throws Exception {
        ServiceReference<?> reference = context.getServiceReference(PROCESSOR);
        if (reference == null) {
            throw new AssertionError("There is no " + PROCESSOR + ": is Gogo started?");
        }
        Object processor = context.getService(reference);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(printed, true, UTF_8)) {
            Object session = call(
                    processor,
                    "createSession",
                    new Class<?>[] {InputStream.class, OutputStream.class, OutputStream.class},
                    InputStream.nullInputStream(),
                    out,
                    out);
            try {
                for (Map.Entry<String, Object> variable : variables.entrySet()) {
                    call(
                            session,
                            "put",
                            new Class<?>[] {String.class, Object.class},
                            variable.getKey(),
                            variable.getValue());
                }
                call(session, "execute", new Class<?>[] {CharSequence.class}, line);
            } finally {
                call(session, "close", new Class<?>[0]);
            }
        }
        return printed.toString(UTF_8);
    }

    /** By the interface, which is public; the class is not always. */
    private static Object call(Object on, String name, Class<?>[] types, Object... arguments) throws Exception {
        for (Class<?> type = on.getClass(); type != null; type = type.getSuperclass()) {
            for (Class<?> face : type.getInterfaces()) {
                try {
                    return face.getMethod(name, types).invoke(on, arguments);
                } catch (NoSuchMethodException inAnother) {
                    continue;
                } catch (InvocationTargetException e) {
                    if (e.getCause() instanceof Exception cause) {
                        throw cause;
                    }
                    throw e;
                }
            }
        }
        throw new AssertionError(on.getClass() + " has no " + name);
    }
}
