// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.numbered;

import java.util.Map;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** A {@link Numbered} that does, after it said so, what a test has it do: it runs each {@code Runnable} with the property {@code deed}, its label. */
public final class Wilful implements CallosumEventHandler {
    private final Numbered numbered;
    private final BundleContext context;
    private final String deeds;

    /** See there. */
    public Wilful(BundleContext context, Callosum callosum, Map<String, Object> configuration) {
        this.numbered = new Numbered(context, callosum, configuration);
        this.context = context;
        this.deeds = "(deed=" + configuration.get("label") + ")";
    }

    @Override
    public void handle(EventContext event) throws InvalidSyntaxException {
        numbered.handle(event);
        for (ServiceReference<Runnable> deed : context.getServiceReferences(Runnable.class, deeds)) {
            context.getService(deed).run();
        }
    }
}
