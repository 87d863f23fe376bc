// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

import org.callosum.core.AppMark;
import org.callosum.update.BundleChanges;
import org.callosum.update.Dependent;
import org.callosum.update.JarContent;
import org.callosum.update.UnmetException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;

/**
 * The bundles that are apps of one folder. An app is a bundle whose location is the URI of a jar in the folder; File Install
 * knows it by that, too. Where others deploy from the folder, it is one that was installed here, or that has the marks of one.
 */
final class AppBundles {
    /** In the distribution: apps start last and stop first. */
    static final int START_LEVEL = 20;

    private final BundleContext context;
    private final Path folder;
    private final String location;
    private final String foreignLocation;
    private final boolean isShared;
    private final BundleChanges changes;

    /**
     * The apps of one folder, changed by these changes.
     *
     * @param isShared whether File Install deploys other bundles from it, too
     */
    AppBundles(BundleContext context, Path folder, boolean isShared, BundleChanges changes) {
        this.context = context;
        this.folder = folder;
        this.location = folder.toUri().toString();
        this.foreignLocation = foreignLocation(folder);
        this.isShared = isShared;
        this.changes = changes;
    }

    /** All apps, by bundle id. */
    List<Bundle> all() {
        return Arrays.stream(context.getBundles()).filter(this::isApp).toList();
    }

    boolean isApp(Bundle bundle) {
        String place = bundle.getLocation();
        return place.startsWith(location) || isShared && place.startsWith(foreignLocation) && AppMark.isOn(bundle);
    }

    /** Whether this jar is, or is to be, an app, and nobody else's. */
    boolean claims(Path jar) {
        return !isShared || of(jar).isPresent() || JarMark.isIn(jar);
    }

    /** The app that this jar is. */
    Optional<Bundle> of(Path jar) {
        return Stream.of(location(jar), foreignLocation(jar))
                .map(context::getBundle)
                .filter(Objects::nonNull)
                .filter(this::isApp)
                .findFirst();
    }

    /** Above every bundle of the runtime; where bundles that come later start later still, with those. */
    int startLevel() {
        return Math.max(
                START_LEVEL,
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                        .adapt(FrameworkStartLevel.class)
                        .getInitialBundleStartLevel());
    }

    /** The jar that this app is. */
    static Path jar(Bundle app) {
        return Path.of(URI.create(app.getLocation()));
    }

    /** The jar that a new app is to be: one that is not there. */
    Path jarFor(JarContent content) {
        Path jar = folder.resolve(content.symbolicName() + ".jar");
        return Files.exists(jar) ? folder.resolve(content.symbolicName() + "-" + content.version() + ".jar") : jar;
    }

    /** The bundle, an app or not, that has this symbolic name and is not the one at this jar. */
    Optional<Bundle> otherOf(String symbolicName, Path jar) {
        Optional<Bundle> own = of(jar);
        return Arrays.stream(context.getBundles())
                .filter(each -> symbolicName.equals(each.getSymbolicName()))
                .filter(each -> !own.equals(Optional.of(each)))
                .findFirst();
    }

    /** What an installed bundle lacks of what it requires. */
    List<String> unmet(Bundle app) {
        return changes.unmet(app);
    }

    Bundle install(Path jar, JarContent content) throws BundleException, IOException {
        return changes.install(location(jar), content, OptionalInt.of(startLevel()));
    }

    /** Refuses a content that lacks what it requires. */
    void requireMet(Bundle app, JarContent content) throws BundleException, IOException, UnmetException {
        changes.requireMet(content, app);
    }

    /** Replaces an app's content. The app is stopped for it and has to be started again by the caller. */
    List<Dependent> update(Bundle app, JarContent content) throws BundleException, IOException {
        return changes.update(app, content);
    }

    List<Dependent> uninstall(Bundle app) throws BundleException {
        return changes.uninstall(app);
    }

    /**
     * Starts an app, unless it is a fragment, and remembers that it is to be started.
     *
     * @throws BundleException if it cannot be resolved, its activator throws, or does not return in time
     */
    void start(Bundle app) throws BundleException {
        changes.start(app);
    }

    static boolean isRunning(Bundle bundle) {
        return (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) != 0;
    }

    /** Whether it is to run: it was started and nobody stopped it for good. */
    static boolean isWanted(Bundle bundle) {
        return bundle.adapt(BundleStartLevel.class).isPersistentlyStarted() && !isFragment(bundle);
    }

    /** Whether the framework stands below its start level, as in safe mode: it starts when the level rises. */
    boolean isHeldBack(Bundle app) {
        return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                        .adapt(FrameworkStartLevel.class)
                        .getStartLevel()
                < app.adapt(BundleStartLevel.class).getStartLevel();
    }

    private static boolean isFragment(Bundle bundle) {
        return (bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
    }

    static String location(Path jar) {
        return jar.toUri().toString();
    }

    /** The same as File Install writes it for what it installs by itself. */
    private static String foreignLocation(Path jar) {
        return jar.toFile().toURI().toString();
    }
}
