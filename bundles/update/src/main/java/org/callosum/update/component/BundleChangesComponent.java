// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.component;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

import org.callosum.update.BundleChanges;
import org.callosum.update.Dependent;
import org.callosum.update.JarContent;
import org.callosum.update.bundles.FrameworkChanges;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@link FrameworkChanges} as a service. */
@Component(service = BundleChanges.class, immediate = true)
public final class BundleChangesComponent implements BundleChanges {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final FrameworkChanges changes;

    /**
     * Changes bundles of this framework.
     *
     * @throws BundleException if what an earlier process left cannot be removed
     */
    @Activate
    public BundleChangesComponent(BundleContext context) throws BundleException {
        changes = new FrameworkChanges(context, START_LIMIT);
        changes.clearProbes();
    }

    @Override
    public Bundle install(String location, JarContent content, OptionalInt startLevel)
            throws BundleException, IOException {
        return changes.install(location, content, startLevel);
    }

    @Override
    public List<Dependent> update(Bundle bundle, JarContent content) throws BundleException, IOException {
        return changes.update(bundle, content);
    }

    @Override
    public List<Dependent> uninstall(Bundle bundle) throws BundleException {
        return changes.uninstall(bundle);
    }

    @Override
    public void start(Bundle bundle) throws BundleException {
        changes.start(bundle);
    }

    @Override
    public List<Dependent> dependents(Bundle bundle) {
        return changes.dependents(bundle);
    }

    @Override
    public List<String> unmet(Bundle bundle) {
        return changes.unmet(bundle);
    }

    @Override
    public List<String> unmet(JarContent content, Bundle replaced) throws BundleException, IOException {
        return changes.unmet(content, replaced);
    }
}
