// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.runtime;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.callosum.core.AppMark;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;

/**
 * Watches which apps come, change and go.
 *
 * <p><b>Threads.</b> The framework's, which delivers events one after the other.
 */
final class AppChanges implements BundleListener, AutoCloseable {
    private final BundleContext context;
    private final Consumer<Fact> facts;

    /** The version of each app by its bundle's id. */
    private final Map<Long, String> versions = new ConcurrentHashMap<>();

    AppChanges(BundleContext context, Consumer<Fact> facts) {
        this.context = context;
        this.facts = facts;
        context.addBundleListener(this);
        for (Bundle bundle : context.getBundles()) {
            if (AppMark.isOn(bundle)) {
                versions.putIfAbsent(bundle.getBundleId(), bundle.getVersion().toString());
            }
        }
    }

    @Override
    public void close() {
        context.removeBundleListener(this);
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        Bundle bundle = event.getBundle();
        switch (event.getType()) {
            case BundleEvent.INSTALLED -> came(bundle, "installed");
            case BundleEvent.UPDATED -> came(bundle, "updated");
            case BundleEvent.UNINSTALLED -> {
                if (versions.remove(bundle.getBundleId()) != null) {
                    facts.accept(fact("removed", bundle, Optional.empty()));
                }
            }
            default -> {
                // Its start and stop are no change.
            }
        }
    }

    private void came(Bundle bundle, String change) {
        if (!AppMark.isOn(bundle)) {
            return;
        }
        String version = bundle.getVersion().toString();
        Optional<String> before = Optional.ofNullable(versions.put(bundle.getBundleId(), version))
                .filter(other -> !other.equals(version));
        facts.accept(fact(change, bundle, before));
    }

    private static Fact fact(String change, Bundle bundle, Optional<String> before) {
        return Fact.app(
                change,
                AppMark.name(bundle),
                bundle.getBundleId(),
                String.valueOf(bundle.getSymbolicName()), // a bundle of old has none
                bundle.getVersion().toString(),
                before);
    }
}
