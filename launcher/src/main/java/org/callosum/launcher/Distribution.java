// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.net.URISyntaxException;
import java.nio.file.Path;

/**
 * The folders of one distribution: what was unpacked, and what it writes.
 *
 * @param home the folder that holds them all, absolute
 */
record Distribution(Path home) {
    /** The system property that names the home; {@code bin/callosum} sets it. */
    static final String PROPERTY = "callosum.home";

    /** The distribution that this class was started from: as the property says, else the one whose {@code lib/} it is in. */
    static Distribution current() {
        String home = System.getProperty(PROPERTY);
        if (home != null) {
            return new Distribution(Path.of(home).toAbsolutePath().normalize());
        }
        try {
            Path jar = Path.of(Distribution.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return new Distribution(jar.getParent().getParent());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The runtime's own bundles, and the order in which they start. */
    Path system() {
        return home.resolve("system");
    }

    /** The app bundles: a jar that is copied in here is started. */
    Path apps() {
        return home.resolve("apps");
    }

    /** The settings. */
    Path etc() {
        return home.resolve("etc");
    }

    /** All that is written at run time. */
    Path data() {
        return home.resolve("data");
    }

    /** The framework's memory of what is installed. */
    Path cache() {
        return data().resolve("cache");
    }

    /** The log, where a shell has the terminal. */
    Path log() {
        return data().resolve("log").resolve("callosum.log");
    }
}
