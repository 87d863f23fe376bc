// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.FrameworkWiring;

/** The bundles of the container that a test runs in. Those that the test installed go with it. */
final class Bundles {
    private final BundleContext context;
    private final List<Bundle> installed = new ArrayList<>();

    Bundles(BundleContext context) {
        this.context = context;
    }

    /** Installs an app and starts it. */
    Bundle start(AppJar app) throws BundleException {
        Bundle bundle = install(app);
        bundle.start();
        return bundle;
    }

    /** Installs an app. */
    Bundle install(AppJar app) throws BundleException {
        return install(app.symbolicName() + ":" + app.version(), app.stream());
    }

    /** Installs a bundle. */
    Bundle install(String name, InputStream jar) throws BundleException {
        Bundle bundle = context.installBundle("test:" + name, jar);
        installed.add(bundle);
        return bundle;
    }

    /** Updates one, as an operator does. */
    void update(Bundle bundle, AppJar app) throws BundleException {
        try {
            bundle.update(app.stream());
        } catch (BundleException e) {
            if (!String.valueOf(e.getMessage()).contains("global lock")) {
                throw e;
            }
            // Felix gives way to another thread that resolves bundles at that moment: the update is done, the start is
            // not.
            bundle.start();
        }
    }

    /** Uninstalls what the test installed, and waits until the framework has let go of it. */
    void clear() throws BundleException, InterruptedException {
        for (Bundle bundle : installed) {
            if (bundle.getState() != Bundle.UNINSTALLED) {
                bundle.uninstall();
            }
        }
        if (!installed.isEmpty()) {
            refresh(installed);
        }
        installed.clear();
    }

    /** The bundle of that symbolic name. */
    Bundle named(String symbolicName) {
        return find(symbolicName)
                .orElseThrow(() -> new AssertionError("There is no bundle '" + symbolicName + "' in this container"));
    }

    Optional<Bundle> find(String symbolicName) {
        return Stream.of(context.getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
                .findAny();
    }

    /** How many event handlers these bundles have registered, all together. */
    long handlers(List<String> symbolicNames) throws InvalidSyntaxException {
        ServiceReference<?>[] all = context.getAllServiceReferences("org.osgi.service.event.EventHandler", "(tract=*)");
        return Stream.of(all == null ? new ServiceReference<?>[0] : all)
                .map(ServiceReference::getBundle)
                .filter(bundle -> bundle != null && symbolicNames.contains(bundle.getSymbolicName()))
                .count();
    }

    /** Refreshes bundles, and what depends on them; waits for the end of it. */
    void refresh(List<Bundle> bundles) throws InterruptedException {
        CountDownLatch refreshed = new CountDownLatch(1);
        context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                .adapt(FrameworkWiring.class)
                .refreshBundles(List.copyOf(bundles), event -> {
                    if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                        refreshed.countDown();
                    }
                });
        if (!refreshed.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("The refresh of " + bundles + " did not end within " + Patience.LIMIT);
        }
    }
}
