// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.io.IOException;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** The configurations of the container that a test runs in. Those that the test made go with it. */
final class Settings {
    private final BundleContext context;
    private final Set<String> changed = new HashSet<>();

    Settings(BundleContext context) {
        this.context = context;
    }

    /** Sets all settings of a PID. */
    void put(String pid, Map<String, ?> settings) throws IOException {
        changed.add(pid);
        configuration(pid).update(new Hashtable<>(settings));
    }

    /** Takes the settings of a PID away. */
    void remove(String pid) throws IOException {
        configuration(pid).delete();
        changed.remove(pid);
    }

    void clear() throws IOException {
        for (String pid : Set.copyOf(changed)) {
            remove(pid);
        }
    }

    private Configuration configuration(String pid) throws IOException {
        ServiceReference<ConfigurationAdmin> reference = context.getServiceReference(ConfigurationAdmin.class);
        return context.getService(reference).getConfiguration(pid, "?"); // for whichever bundle it concerns
    }
}
