// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.bundles;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.callosum.update.BundleChanges;
import org.callosum.update.Dependent;
import org.callosum.update.JarContent;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;

/** Makes changes through the framework's own interfaces. */
public final class FrameworkChanges implements BundleChanges {
    private static final Duration REFRESH_LIMIT = Duration.ofSeconds(30);

    private final BundleContext context;
    private final Bundle framework;
    private final Dependents dependents;
    private final Probe probe;
    private final TimedStart starts;

    /** Guards the framework's initial start level, which is one for all, while a bundle is installed with another one. */
    private final Object installing = new Object();

    /**
     * Changes bundles of this framework.
     *
     * @param startLimit how long an activator may take before it is interrupted and no longer waited for
     */
    public FrameworkChanges(BundleContext context, Duration startLimit) {
        this.context = context;
        this.framework = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION);
        this.dependents = new Dependents(context);
        this.probe = new Probe(context);
        this.starts = new TimedStart(startLimit);
    }

    /** Removes what a process that was killed while it looked at a new version may have left. */
    public void clearProbes() throws BundleException {
        probe.clear();
    }

    @Override
    public Bundle install(String location, JarContent content, OptionalInt startLevel)
            throws BundleException, IOException {
        Bundle bundle;
        try (InputStream in = Files.newInputStream(content.file())) {
            bundle = startLevel.isPresent()
                    ? installAt(startLevel.getAsInt(), location, in)
                    : context.installBundle(location, in);
        }
        refresh(dependents.hostsOf(bundle));
        return bundle;
    }

    /**
     * Installs a bundle at its level: to change it afterwards is done by the framework on a thread of its own, which then
     * starts a bundle that is to run and does not, a second time if its activator has just thrown.
     */
    private Bundle installAt(int startLevel, String location, InputStream in) throws BundleException {
        FrameworkStartLevel levels = framework.adapt(FrameworkStartLevel.class);
        synchronized (installing) {
            int initial = levels.getInitialBundleStartLevel();
            levels.setInitialBundleStartLevel(startLevel);
            try {
                return context.installBundle(location, in);
            } finally {
                levels.setInitialBundleStartLevel(initial);
            }
        }
    }

    @Override
    public List<Dependent> update(Bundle bundle, JarContent content) throws BundleException, IOException {
        List<Dependent> refreshed = dependents.of(bundle);
        stop(bundle);
        try (InputStream in = Files.newInputStream(content.file())) {
            bundle.update(in);
        }
        refreshWith(bundle, refreshed, dependents.hostsOf(bundle)); // it may be a fragment of another one now
        return refreshed;
    }

    @Override
    public List<Dependent> uninstall(Bundle bundle) throws BundleException {
        List<Dependent> refreshed = dependents.of(bundle);
        List<Bundle> hosts = dependents.hostsOf(bundle);
        bundle.uninstall();
        refreshWith(bundle, refreshed, hosts);
        return refreshed;
    }

    @Override
    public void start(Bundle bundle) throws BundleException {
        if ((bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) == 0) {
            starts.start(bundle);
        }
    }

    @Override
    public List<Dependent> dependents(Bundle bundle) {
        return dependents.of(bundle);
    }

    @Override
    public List<String> unmet(Bundle bundle) {
        return new Unmet(context, each -> true).of(bundle.adapt(BundleRevision.class));
    }

    @Override
    public List<String> unmet(JarContent content, Bundle replaced) throws BundleException, IOException {
        return probe.unmet(content, replaced);
    }

    private static void stop(Bundle bundle) {
        try {
            bundle.stop(Bundle.STOP_TRANSIENT);
        } catch (BundleException e) {
            return; // its activator threw: stopped all the same, and what it has to say is of no use any more
        }
    }

    private void refreshWith(Bundle changed, List<Dependent> refreshed, List<Bundle> hosts) throws BundleException {
        List<Bundle> bundles = new ArrayList<>(hosts);
        if (!refreshed.isEmpty()) {
            bundles.add(changed);
        }
        refresh(bundles);
    }

    private void refresh(List<Bundle> bundles) throws BundleException {
        if (bundles.isEmpty()) {
            return;
        }
        var refreshed = new CountDownLatch(1);
        framework.adapt(FrameworkWiring.class).refreshBundles(bundles, event -> refreshed.countDown());
        try {
            if (!refreshed.await(REFRESH_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new BundleException("bundles that depend on it were not refreshed within "
                        + REFRESH_LIMIT.toSeconds() + " s: one of them does not stop or start");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BundleException("interrupted", e);
        }
    }
}
