// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;

import org.osgi.framework.BundleContext;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A session of the framework's own Gogo, whose classes the test has not. */
final class Gogo implements AutoCloseable {
    private static final String PROCESSOR = "org.apache.felix.service.command.CommandProcessor";

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final Object session;

    Gogo(BundleContext context) throws Exception {
        Object processor = context.getService(context.getServiceReference(PROCESSOR));
        session = processor
                .getClass()
                .getMethod("createSession", InputStream.class, OutputStream.class, OutputStream.class)
                .invoke(processor, InputStream.nullInputStream(), screen, screen);
    }

    /** What a line shows. Throws what it throws. */
    String run(String line) throws Exception {
        screen.reset();
        try {
            session.getClass().getMethod("execute", CharSequence.class).invoke(session, line);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
        return shown();
    }

    /** What the last line has shown, even if it failed. */
    String shown() {
        return screen.toString(UTF_8);
    }

    @Override
    public void close() throws ReflectiveOperationException {
        session.getClass().getMethod("close").invoke(session);
    }
}
