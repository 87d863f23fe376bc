// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.osgi.framework.BundleException;
import org.osgi.service.log.Logger;

/** Says what is wrong with a jar once, and once more if it is something else. Not safe for use by several threads. */
final class Reports {
    private final Logger logger;
    private final Map<Path, String> said = new HashMap<>();

    Reports(Logger logger) {
        this.logger = logger;
    }

    /**
     * Warns, unless that was said of the jar last.
     *
     * @param failure its cause is logged with its stack trace; {@code null} if there is none
     */
    void say(Path jar, String line, BundleException failure) {
        if (line.equals(said.put(jar, line))) {
            return;
        }
        if (failure == null || failure.getCause() == null) {
            logger.warn("{}", line);
        } else {
            logger.warn("{}", line, failure.getCause());
        }
    }

    /** Says that it is mended, if something was wrong. */
    void mended(Path jar, String line) {
        if (said.remove(jar) != null) {
            logger.info("{}", line);
        }
    }

    /** The jar is gone, or nobody wants it to run. */
    void forget(Path jar) {
        said.remove(jar);
    }
}
