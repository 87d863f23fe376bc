// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.Map;

import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

/** A framework without any service, in a folder. It takes no two bundles of one name and version, as some do. */
public final class TestFramework {
    private final Framework framework;

    /** Starts one. */
    public TestFramework(Path folder) throws BundleException {
        framework = new FrameworkFactory()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        folder.resolve("cache").toString(),
                        Constants.FRAMEWORK_BSNVERSION,
                        Constants.FRAMEWORK_BSNVERSION_SINGLE,
                        "felix.log.level",
                        "0"));
        framework.start();
    }

    /** The framework's own. */
    public BundleContext context() {
        return framework.getBundleContext();
    }

    /** Installs a bundle and starts it, unless it is a fragment. */
    public Bundle install(Jar jar) throws BundleException {
        Bundle bundle = context().installBundle("test:" + System.nanoTime(), new ByteArrayInputStream(jar.bytes()));
        if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
            bundle.start();
        }
        return bundle;
    }

    /** Stops it. */
    public void close() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(10_000);
    }
}
