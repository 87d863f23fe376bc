// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Throws at its start, as often as the framework property {@code test.failures} says; counts its starts in a system property. */
public final class Failing implements BundleActivator {
    /** The system property that holds the number of starts. */
    static final String STARTS = "test.failing.starts";

    @Override
    public void start(BundleContext context) {
        int starts = Integer.getInteger(STARTS, 0) + 1;
        System.setProperty(STARTS, Integer.toString(starts));
        if (starts <= Integer.parseInt(context.getProperty("test.failures"))) {
            throw new IllegalStateException("failure " + starts);
        }
    }

    @Override
    public void stop(BundleContext context) {}
}
