// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.component;

import org.callosum.remote.Interpreter;
import org.callosum.remote.Streams;
import org.callosum.remote.gogo.GogoInterpreter;
import org.callosum.remote.karaf.KarafInterpreter;
import org.callosum.remote.wire.Request;
import org.osgi.framework.BundleContext;

/**
 * The shell of the container: Karaf's where there is one, else Gogo. It is looked for when the first client comes.
 *
 * <p><b>Threads.</b> Any thread.
 */
final class ContainerInterpreter implements Interpreter {
    /** By name: the class is there in Karaf alone. */
    private static final String KARAF = "org.apache.karaf.shell.api.console.SessionFactory";

    private final BundleContext context;

    /** Guarded by this; {@code null} before the first client. */
    private Interpreter found;

    ContainerInterpreter(BundleContext context) {
        this.context = context;
    }

    @Override
    public Conversation begin(Request request, Streams streams) throws Exception {
        return find().begin(request, streams);
    }

    @Override
    public synchronized void close() {
        if (found != null) {
            found.close();
            found = null;
        }
    }

    private synchronized Interpreter find() {
        if (found == null) {
            found = context.getServiceReference(KARAF) != null
                    ? new KarafInterpreter(context)
                    : new GogoInterpreter(context);
        }
        return found;
    }
}
