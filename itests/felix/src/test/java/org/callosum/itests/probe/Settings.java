// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.probe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.BiConsumer;

import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Sets the configuration of a PID; without settings it deletes it. */
@Component(service = BiConsumer.class, property = "probe=settings")
public final class Settings implements BiConsumer<String, Map<String, Object>> {
    private final ConfigurationAdmin admin;

    @Activate
    public Settings(@Reference ConfigurationAdmin admin) {
        this.admin = admin;
    }

    @Override
    public void accept(String pid, Map<String, Object> settings) {
        try {
            Configuration configuration = admin.getConfiguration(pid, "?");
            if (settings.isEmpty()) {
                configuration.delete();
            } else {
                configuration.update(FrameworkUtil.asDictionary(settings));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
