// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.numbered;

import java.util.LinkedHashMap;
import java.util.Map;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.osgi.framework.BundleContext;

/**
 * The handler of the test apps: says of each numbered event on the bus that it handled it, as whom and in which version. Its
 * component description is made together with an app's jar, so there is no annotation here.
 */
public final class Numbered implements CallosumEventHandler {
    private final Callosum callosum;
    private final String version;
    private final String label;
    private final String setting;
    private final long instance = System.nanoTime();

    /**
     * A handler.
     *
     * @param context its bundle's, for the version
     * @param callosum where it says what it handled
     * @param configuration {@code label}, and {@code setting} if it is configured
     */
    public Numbered(BundleContext context, Callosum callosum, Map<String, Object> configuration) {
        this.callosum = callosum;
        version = context.getBundle().getVersion().toString();
        label = (String) configuration.get("label");
        setting = configuration.getOrDefault("setting", "").toString();
    }

    @Override
    public void handle(EventContext context) {
        if (!context.tract().equals("numbered") || !context.event().equals("sent")) {
            return; // a wildcard brings it what it says itself, too
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("by", label);
        seen.put("version", version);
        seen.put("setting", setting);
        seen.put("instance", instance);
        seen.put("n", context.msg().longNumber("n").orElseThrow());
        seen.put("t", context.msg().longNumber("t").orElseThrow());
        callosum.emit("numbered", "seen", seen);
    }
}
