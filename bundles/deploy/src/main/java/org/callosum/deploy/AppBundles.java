// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * The framework's side of an app: installs, updates, uninstalls, starts, and refreshes those bundles that hang on it and no
 * others. An app is a bundle whose location is the URI of a jar in the folder; File Install knows it by that, too.
 */
final class AppBundles {
    /** Above every other bundle's: apps start last and stop first. */
    static final int START_LEVEL = 20;

    private static final int INTERRUPTS = 10;
    private static final long INTERRUPT_MILLIS = 100;

    private static final String PROBE = "callosum-probe:";
    private static final Duration REFRESH_LIMIT = Duration.ofSeconds(30);

    private final BundleContext context;
    private final String folder;
    private final Duration startLimit;
    private final FrameworkWiring wiring;

    /**
     * The apps of one folder.
     *
     * @param startLimit how long an activator may take before it is interrupted and no longer waited for
     */
    AppBundles(BundleContext context, Path folder, Duration startLimit) {
        this.context = context;
        this.folder = folder.toUri().toString();
        this.startLimit = startLimit;
        this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    /** Removes what a process that was killed while it looked at a new version may have left. */
    void clearProbes() throws BundleException {
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getLocation().startsWith(PROBE)) {
                bundle.uninstall();
            }
        }
    }

    /** All apps, by bundle id. */
    List<Bundle> all() {
        return Arrays.stream(context.getBundles()).filter(this::isApp).toList();
    }

    boolean isApp(Bundle bundle) {
        return bundle.getLocation().startsWith(folder);
    }

    /** The app that this jar is. */
    Optional<Bundle> of(Path jar) {
        return Optional.ofNullable(context.getBundle(location(jar)));
    }

    /** The jar that this app is. */
    static Path jar(Bundle app) {
        return Path.of(java.net.URI.create(app.getLocation()));
    }

    /** The bundle, an app or not, that has this symbolic name and is not the one at this jar. */
    Optional<Bundle> otherOf(String symbolicName, Path jar) {
        String location = location(jar);
        return Arrays.stream(context.getBundles())
                .filter(each -> symbolicName.equals(each.getSymbolicName()))
                .filter(each -> !each.getLocation().equals(location))
                .findFirst();
    }

    /** What the content lacks of what it requires, if it took the place of the bundle {@code replaced}. */
    List<String> unmet(JarContent content, Bundle replaced) throws BundleException, IOException {
        try (InputStream in = Files.newInputStream(content.file())) {
            Bundle probe = context.installBundle(PROBE + replaced.getLocation(), in);
            try {
                return new Unmet(context, each -> !each.equals(replaced)).of(probe.adapt(BundleRevision.class));
            } finally {
                probe.uninstall();
            }
        }
    }

    /** What an installed bundle lacks of what it requires. */
    List<String> unmet(Bundle app) {
        return new Unmet(context, each -> true).of(app.adapt(BundleRevision.class));
    }

    Bundle install(Path jar, JarContent content) throws BundleException, IOException {
        // Installed at its level: to change it afterwards is done by the framework on a thread of its own, which then
        // starts a
        // bundle that is to run and does not, a second time if its activator has just thrown.
        FrameworkStartLevel levels =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkStartLevel.class);
        int initial = levels.getInitialBundleStartLevel();
        levels.setInitialBundleStartLevel(START_LEVEL);
        try (InputStream in = Files.newInputStream(content.file())) {
            Bundle app = context.installBundle(location(jar), in);
            refresh(hostsOf(app));
            return app;
        } finally {
            levels.setInitialBundleStartLevel(initial);
        }
    }

    /**
     * Replaces an app's content. The app is stopped for it and has to be started again by the caller, so that it is started
     * once, behind the refresh of those that hang on it.
     */
    void update(Bundle app, JarContent content) throws BundleException, IOException {
        boolean hasDependents = hasDependents(app);
        stop(app);
        try (InputStream in = Files.newInputStream(content.file())) {
            app.update(in);
        }
        if (hasDependents) {
            refresh(List.of(app));
        }
        refresh(hostsOf(app));
    }

    void uninstall(Bundle app) throws BundleException {
        boolean hasDependents = hasDependents(app);
        List<Bundle> hosts = hostsOf(app);
        app.uninstall();
        if (hasDependents) {
            refresh(List.of(app));
        }
        refresh(hosts);
    }

    /**
     * Starts an app, unless it is a fragment, and remembers that it is to be started.
     *
     * @throws BundleException if it cannot be resolved, its activator throws, or does not return in time
     */
    void start(Bundle app) throws BundleException {
        if (isFragment(app)) {
            return;
        }
        var start = new FutureTask<Void>(() -> {
            app.start(Bundle.START_ACTIVATION_POLICY);
            return null;
        });
        var thread = new Thread(start, "callosum start " + app.getSymbolicName());
        thread.setDaemon(true);
        thread.start();
        try {
            start.get(startLimit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BundleException cause) {
                throw cause;
            }
            throw new BundleException("cannot be started: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            interrupt(thread);
            throw new BundleException(
                    "its activator did not return within " + startLimit.toSeconds() + " s and was interrupted",
                    BundleException.ACTIVATOR_ERROR);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BundleException("interrupted", e);
        }
    }

    /** Again until it ends, for a while: one that meets the framework's own waits on the way to the activator is lost there. */
    private static void interrupt(Thread starting) {
        try {
            for (int i = 0; i < INTERRUPTS && starting.isAlive(); i++) {
                starting.interrupt();
                starting.join(INTERRUPT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static boolean isFragment(Bundle bundle) {
        return (bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
    }

    static boolean isRunning(Bundle bundle) {
        return (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) != 0;
    }

    /** Whether it is to run: it was started and nobody stopped it for good. */
    static boolean isWanted(Bundle bundle) {
        return bundle.adapt(BundleStartLevel.class).isPersistentlyStarted() && !isFragment(bundle);
    }

    private static void stop(Bundle app) {
        try {
            app.stop(Bundle.STOP_TRANSIENT);
        } catch (BundleException e) {
            return; // its activator threw: stopped all the same, and what it has to say is of no use any more
        }
    }

    private boolean hasDependents(Bundle app) {
        return wiring.getDependencyClosure(List.of(app)).size() > 1;
    }

    /** The bundles that a fragment attaches to; none if it is no fragment. The framework itself cannot be refreshed. */
    private List<Bundle> hostsOf(Bundle app) {
        return app.adapt(BundleRevision.class).getDeclaredRequirements(HostNamespace.HOST_NAMESPACE).stream()
                .flatMap(requirement -> Unmet.hosts(context, requirement).stream())
                .map(each -> each.getRevision().getBundle())
                .filter(each -> each.getBundleId() != Constants.SYSTEM_BUNDLE_ID)
                .toList();
    }

    private void refresh(List<Bundle> bundles) throws BundleException {
        if (bundles.isEmpty()) {
            return;
        }
        var refreshed = new CountDownLatch(1);
        wiring.refreshBundles(bundles, event -> refreshed.countDown());
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

    private static String location(Path jar) {
        return jar.toUri().toString();
    }
}
