// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Dictionary;
import java.util.List;
import java.util.TreeSet;

import org.callosum.api.Printable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** What is configured, without what looks like a secret. Not loaded where there is no Config Admin. */
final class Configurations {
    private static final int MAX_VALUE = 1_000;

    private Configurations() {}

    static String text(BundleContext context) throws Exception {
        ServiceReference<ConfigurationAdmin> reference = context.getServiceReference(ConfigurationAdmin.class);
        ConfigurationAdmin admin = reference == null ? null : context.getService(reference);
        if (admin == null) {
            return "There is no Config Admin.\n";
        }
        try {
            Configuration[] all = admin.listConfigurations(null); // null for none
            return all == null ? "Nothing is configured.\n" : text(Arrays.asList(all));
        } finally {
            context.ungetService(reference);
        }
    }

    private static String text(List<Configuration> all) {
        StringBuilder text = new StringBuilder();
        all.stream().sorted(Comparator.comparing(Configuration::getPid)).forEach(each -> {
            text.append(each.getPid() + "\n");
            Dictionary<String, Object> properties = each.getProperties();
            if (properties != null) {
                for (String name : new TreeSet<>(Collections.list(properties.keys()))) {
                    text.append("    " + name + " = " + value(name, properties.get(name)) + "\n");
                }
            }
        });
        return text.toString();
    }

    private static String value(String name, Object value) {
        String text = value instanceof Object[] array
                ? Arrays.toString(array)
                : value instanceof Collection<?> collection ? collection.toString() : String.valueOf(value);
        return Printable.of(Secrets.value(name, text), MAX_VALUE);
    }
}
