// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.Map;

import org.callosum.api.Printable;
import org.osgi.service.log.Logger;

/** The numbers of a configuration. One that is no number, or out of range, is warned of and replaced. */
final class Numbers {
    private final Map<String, ?> configuration;
    private final Logger logger;

    Numbers(Map<String, ?> configuration, Logger logger) {
        this.configuration = configuration;
        this.logger = logger;
    }

    /** The number of that name, or the default if there is none. */
    long get(String name, long standard, long min, long max) {
        Object value = configuration.get(name);
        if (value == null) {
            return standard;
        }
        String text = value.toString().strip();
        long number;
        try {
            number = Long.parseLong(text);
        } catch (NumberFormatException e) {
            complain(name, text, "is no whole number", min, max, standard);
            return standard;
        }
        if (number < min || number > max) {
            long nearest = Math.max(min, Math.min(max, number));
            complain(name, text, "is out of range", min, max, nearest);
            return nearest;
        }
        return number;
    }

    private void complain(String name, String text, String problem, long min, long max, long used) {
        logger.warn(
                "Setting '{}' of {} is {}, which {}: give a number from {} to {}; {} is used{}",
                name,
                EventAdminComponent.PID,
                Printable.quoted(text),
                problem,
                min,
                max,
                used,
                Settings.keyValues(name, text).and("used", used));
    }
}
