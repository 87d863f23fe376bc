// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.runtime;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Constants;

/**
 * Watches which apps come, change and go: bundles with the header {@code Callosum-App}, or that import the API and are none of
 * the runtime's own.
 *
 * <p><b>Threads.</b> The framework's, which delivers events one after the other.
 */
final class AppChanges implements BundleListener, AutoCloseable {
    private static final String APP_HEADER = "Callosum-App";
    private static final String API = "org.callosum.api";
    private static final String OURS = "org.callosum.";

    /** An update's look at a new version: a bundle for a moment, with the new version's headers. */
    private static final String PROBE = "callosum-probe:";

    private final BundleContext context;
    private final Consumer<Fact> facts;

    /** The version of each app by its bundle's id. */
    private final Map<Long, String> versions = new ConcurrentHashMap<>();

    AppChanges(BundleContext context, Consumer<Fact> facts) {
        this.context = context;
        this.facts = facts;
        context.addBundleListener(this);
        for (Bundle bundle : context.getBundles()) {
            if (isApp(bundle)) {
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
        if (!isApp(bundle)) {
            return;
        }
        String version = bundle.getVersion().toString();
        Optional<String> before = Optional.ofNullable(versions.put(bundle.getBundleId(), version))
                .filter(other -> !other.equals(version));
        facts.accept(fact(change, bundle, before));
    }

    private static Fact fact(String change, Bundle bundle, Optional<String> before) {
        String name = String.valueOf(bundle.getSymbolicName()); // a bundle of old has none
        String header = bundle.getHeaders("").get(APP_HEADER);
        return Fact.app(
                change,
                header == null ? name : header,
                bundle.getBundleId(),
                name,
                bundle.getVersion().toString(),
                before);
    }

    private static boolean isApp(Bundle bundle) {
        if (bundle.getLocation().startsWith(PROBE)) {
            return false;
        }
        if (bundle.getHeaders("").get(APP_HEADER) != null) {
            return true;
        }
        String imports = bundle.getHeaders("").get(Constants.IMPORT_PACKAGE);
        return imports != null
                && imports.matches("(?s)(.*[,\\s])?" + API.replace(".", "\\.") + "([;,\\s].*)?")
                && !String.valueOf(bundle.getSymbolicName()).startsWith(OURS);
    }
}
