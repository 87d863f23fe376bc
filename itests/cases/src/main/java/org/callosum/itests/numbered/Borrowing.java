// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.numbered;

import java.util.HashMap;
import java.util.Map;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.itests.library.Library;
import org.osgi.framework.BundleContext;

/** A {@link Numbered} that needs a class of another bundle for it. If that is not to be had it says so, as {@code <label>.failed}, and fails. */
public final class Borrowing implements CallosumEventHandler {
    private final Numbered numbered;
    private final Numbered failed;

    /** See there. */
    public Borrowing(BundleContext context, Callosum callosum, Map<String, Object> configuration) {
        numbered = new Numbered(context, callosum, configuration);
        Map<String, Object> other = new HashMap<>(configuration);
        other.put("label", configuration.get("label") + ".failed");
        failed = new Numbered(context, callosum, other);
    }

    @Override
    public void handle(EventContext context) {
        try {
            Library.use();
        } catch (LinkageError e) {
            failed.handle(context);
            throw e;
        }
        numbered.handle(context);
    }
}
