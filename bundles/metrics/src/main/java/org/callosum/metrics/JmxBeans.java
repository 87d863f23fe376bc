// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/** Registers the runtime with the MBean server of the JVM. */
final class JmxBeans implements AutoCloseable {
    private static final String NAME = "org.callosum:type=Runtime";

    /** The name, for the values of a log line. */
    private static final KeyValues MBEAN = KeyValues.of("mbean", NAME);

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final Logger logger;
    private ObjectName name;

    JmxBeans(RuntimeNumbersMXBean numbers, Logger logger) {
        this.logger = logger;
        try {
            name = server.registerMBean(numbers, new ObjectName(NAME)).getObjectName();
        } catch (InstanceAlreadyExistsException e) {
            logger.warn("Another runtime in this JVM is {} already: this one is not over JMX{}", NAME, MBEAN);
        } catch (JMException e) {
            logger.error("The runtime cannot be registered with JMX{}", MBEAN, e);
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
            logger.debug("{} was not registered any more{}", NAME, MBEAN, e);
        }
        name = null;
    }
}
