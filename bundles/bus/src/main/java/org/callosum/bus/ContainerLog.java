// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import org.osgi.service.log.Logger;

/** The container's log service. */
record ContainerLog(Logger logger) implements Log {
    @Override
    public void info(String format, Object... arguments) {
        logger.info(format, arguments);
    }

    @Override
    public void warn(String format, Object... arguments) {
        logger.warn(format, arguments);
    }

    @Override
    public void error(String format, Object... arguments) {
        logger.error(format, arguments);
    }
}
