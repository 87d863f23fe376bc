// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Throws at its start. */
public final class Throwing implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        throw new IllegalStateException("out of luck");
    }

    @Override
    public void stop(BundleContext context) {}
}
