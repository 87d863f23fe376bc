// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import org.osgi.service.log.Logger;

/** Registers the runtime with the MBean server of the JVM. */
final class JmxBeans implements AutoCloseable {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final Logger logger;
    private ObjectName name;

    JmxBeans(RuntimeNumbersMXBean numbers, Logger logger) {
        this.logger = logger;
        try {
            name = server.registerMBean(numbers, new ObjectName("org.callosum:type=Runtime"))
                    .getObjectName();
        } catch (InstanceAlreadyExistsException e) {
            logger.warn("Another runtime in this JVM is org.callosum:type=Runtime already: this one is not over JMX");
        } catch (JMException e) {
            logger.error("The runtime cannot be registered with JMX", e);
        }
    }

    @Override
    public void close() {
        if (name == null) {
            return;
        }
        try {
            server.unregisterMBean(name);
        } catch (JMException e) {
            logger.debug("{} was not registered any more", name, e);
        }
        name = null;
    }
}
