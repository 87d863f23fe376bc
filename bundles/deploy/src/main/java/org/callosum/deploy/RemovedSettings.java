// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

import org.callosum.api.KeyValues;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Takes back the settings whose file was removed while the runtime was down. File Install sees a file go only while it
 * runs, and Config Admin remembers: without this the setting would stay in force, and nobody could see where it is from.
 * Does its work once, before File Install starts.
 */
@Component(service = RemovedSettings.class, immediate = true)
public final class RemovedSettings {
    /** Where File Install notes the file that a configuration is from. */
    private static final String FILE = "felix.fileinstall.filename";

    @Activate
    public RemovedSettings(
            BundleContext context,
            @Reference ConfigurationAdmin configurations,
            @Reference(service = LoggerFactory.class) Logger logger)
            throws IOException, InvalidSyntaxException {
        if (context.getProperty(DeployComponent.FOLDER_PROPERTY) == null) {
            return; // in Karaf settings are Karaf's
        }
        Configuration[] all = configurations.listConfigurations("(" + FILE + "=*)");
        if (all == null) {
            return;
        }
        for (Configuration each : all) {
            String file = String.valueOf(each.getProperties().get(FILE));
            if (file.startsWith("file:") && !Files.exists(Path.of(URI.create(file)))) {
                each.delete();
                logger.info(
                        "The settings of '{}' are taken back: '{}' was removed{}",
                        each.getPid(),
                        file,
                        KeyValues.of("configuration", each.getPid()).and("file", file));
            }
        }
    }
}
