// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

import org.callosum.api.KeyValues;
import org.callosum.deploy.HeldJars.Held;
import org.callosum.update.Dependent;
import org.callosum.update.JarContent;
import org.callosum.update.Reasons;
import org.callosum.update.UnmetException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Version;
import org.osgi.service.log.Logger;

/**
 * The jars of the apps' folder and what became of each: the rules that the package's comment lists.
 *
 * <p><b>Threads.</b> Confined to one, on which apps are started, too: what happens to one jar is over before the next one's
 * turn.
 */
final class AppFolder {
    private final AppBundles bundles;
    private final TakenJars taken;
    private final Path copy;
    private final Logger logger;

    private final HeldJars held = new HeldJars();
    /** Why an app could not be started, by bundle id. */
    private final Map<Long, BundleException> failures = new HashMap<>();

    private final Stops stops;
    /** The jars that have gone, and whose apps are still stopping. */
    private final Set<Path> gone = new HashSet<>();

    private final Reports reports;

    /**
     * The folder of these apps.
     *
     * @param copy a file of this object's own, that a jar is copied to while it is read
     * @param thread does on this object's thread what has to wait until an app has stopped
     */
    AppFolder(AppBundles bundles, Components components, TakenJars taken, Path copy, Executor thread, Logger logger) {
        this.bundles = bundles;
        this.taken = taken;
        this.copy = copy;
        this.stops = new Stops(thread);
        this.logger = logger;
        this.reports = new Reports(bundles, components, logger);
    }

    /** Takes a jar that is new or has changed, or is there at a start, changed or not. */
    void changed(Path jar) {
        try {
            take(jar);
        } catch (JarContent.Partial e) {
            boolean isNew = !held.isPartial(jar);
            held.hold(jar, Held.Kind.PARTIAL, e.getMessage());
            if (isNew) {
                reports.partial(jar, e.getMessage());
            }
        } catch (JarContent.Refusal e) {
            held.hold(jar, Held.Kind.REFUSED, e.getMessage());
        } catch (NoSuchFileException e) {
            held.remove(jar); // gone again; File Install will say so if it had been there
        } catch (IOException e) {
            held.hold(jar, Held.Kind.REFUSED, "it cannot be read (" + e + "): mend that and touch the file");
        } catch (BundleException e) {
            held.hold(jar, Held.Kind.REFUSED, "the framework does not take it: " + Reasons.of(e));
        }
    }

    /** Uninstalls the app whose jar is gone. */
    void removed(Path jar) {
        held.remove(jar);
        reports.forget(jar);
        Optional<Bundle> app = bundles.of(jar);
        try {
            if (app.isPresent()) {
                failures.remove(app.get().getBundleId());
                String was = Reports.describe(app.get());
                KeyValues values = Reports.keyValues(jar, app.get());
                // Not to come back: nothing is parked for it.
                if (!stops.stop(app.get(), 0, () -> hasStopped(jar))) {
                    gone.add(jar);
                    logger.info(
                            "'{}' is gone: {} stops, and is uninstalled when what it runs has ended{}",
                            Reports.name(jar),
                            was,
                            values);
                    return;
                }
                List<Dependent> refreshed = bundles.uninstall(app.get());
                logger.info("'{}' is gone: {} is uninstalled{}{}", Reports.name(jar), was, with(refreshed), values);
            }
            taken.remove(jar);
        } catch (BundleException | IOException e) {
            logger.warn(
                    "'{}' is gone, but not all of it could be removed: {}{}",
                    Reports.name(jar),
                    Reasons.of(e),
                    Reports.jarKeyValues(jar).and("reason", Reasons.of(e)),
                    e);
        }
    }

    /** The jar may have changed or gone while its app was stopping, or come back, as a new one then. */
    private void hasStopped(Path jar) {
        if (gone.remove(jar)) {
            removed(jar);
        }
        if (Files.exists(jar)) {
            changed(jar);
        }
    }

    /** Writes to an app's jar what an operator has put into the app's place: it is taken already. */
    void keep(Bundle app, JarContent content) throws IOException {
        Path jar = AppBundles.jar(app);
        taken.write(jar, content);
        forget(jar, app);
    }

    /** Deletes the jar of an app that an operator has removed. */
    void drop(Bundle app) throws IOException {
        Path jar = AppBundles.jar(app);
        taken.delete(jar);
        forget(jar, app);
    }

    private void forget(Path jar, Bundle app) {
        held.remove(jar);
        failures.remove(app.getBundleId());
        reports.forget(jar);
    }

    /** Is told that the framework could not start an app. */
    void failed(Bundle bundle, BundleException failure) {
        if (bundles.isApp(bundle)) {
            failures.put(bundle.getBundleId(), failure);
        }
    }

    /** Whether there is a jar that is not whole. */
    boolean hasPartial() {
        return held.hasPartial();
    }

    /**
     * Tries again what waits for others, until nothing more comes up, and reports what does not run.
     *
     * @param isPatient whether to say nothing yet of jars that are not whole: they may be under way
     */
    void settle(boolean isPatient) {
        boolean hasProgress;
        do { // what came up may be what another waits for
            hasProgress = retryHeld();
            hasProgress |= retryStarts();
        } while (hasProgress);
        held.forEach((jar, why) -> {
            if (!isPatient || why.kind() != Held.Kind.PARTIAL) {
                reports.held(jar, why);
            }
        });
        for (Bundle app : bundles.all()) {
            Path jar = AppBundles.jar(app);
            if (!held.contains(jar) && !stops.isUnderWay(app)) {
                reports.app(jar, app, failures.get(app.getBundleId()));
            }
        }
    }

    private void take(Path jar) throws IOException, BundleException, JarContent.Refusal {
        String stamp = TakenJars.stamp(jar);
        Optional<Bundle> app = bundles.of(jar);
        if (app.isPresent() && taken.isTaken(jar, stamp)) {
            held.remove(jar);
            return;
        }
        JarContent content = JarContent.read(jar, copy);
        Optional<Bundle> other = bundles.otherOf(content.symbolicName(), jar);
        if (app.isPresent() && taken.digest(jar).equals(Optional.of(content.digest()))) {
            failures.remove(app.get().getBundleId()); // touched: tried again
        } else if (other.isPresent()) {
            held.hold(jar, Held.Kind.WAITING, duplicate(content, other.get()));
            return;
        } else if (app.isPresent()) {
            if (!update(app.get(), jar, content)) {
                return;
            }
        } else {
            install(jar, content);
        }
        taken.put(jar, stamp, content.digest());
        held.remove(jar);
    }

    private void install(Path jar, JarContent content) throws IOException, BundleException {
        Bundle app = bundles.install(jar, content);
        logger.info("'{}' is installed: {}{}", Reports.name(jar), Reports.describe(app), Reports.keyValues(jar, app));
        start(app);
    }

    private boolean update(Bundle app, Path jar, JarContent content) throws IOException, BundleException {
        String was = Reports.describe(app);
        Version versionBefore = app.getVersion();
        List<Dependent> refreshed;
        try {
            bundles.requireMet(app, content);
            if (!stops.stop(app, Bundle.STOP_TRANSIENT, () -> hasStopped(jar))) {
                held.hold(
                        jar,
                        Held.Kind.WAITING,
                        was
                                + " stops, and waits for what it runs up to its time limit: it is taken when that has ended");
                return false;
            }
            refreshed = bundles.update(app, content);
        } catch (UnmetException e) {
            held.hold(jar, Held.Kind.WAITING, e.getMessage());
            return false;
        } catch (BundleException e) {
            if (AppBundles.isWanted(app)) {
                start(app); // the framework has kept the version before
            }
            throw e;
        }
        failures.remove(app.getBundleId());
        boolean isWanted = AppBundles.isWanted(app);
        logger.info(
                "'{}' is updated: {} to {}{}{}{}",
                Reports.name(jar),
                was,
                Reports.describe(app),
                isWanted ? "" : "; it stays stopped",
                with(refreshed),
                Reports.keyValues(jar, app).and("version_before", versionBefore));
        if (isWanted) {
            start(app);
        }
        return true;
    }

    /** Starts an app; why it does not, the report says. Before the framework has reached its level that is for later. */
    private void start(Bundle app) {
        try {
            bundles.start(app);
            failures.remove(app.getBundleId());
        } catch (BundleException e) {
            failures.put(app.getBundleId(), e);
        }
    }

    private boolean retryHeld() {
        List<Path> waiting = held.waiting();
        waiting.forEach(this::changed);
        return waiting.stream().anyMatch(jar -> !held.contains(jar));
    }

    private boolean retryStarts() {
        boolean hasStarted = false;
        for (Bundle app : bundles.all()) {
            BundleException failure = failures.get(app.getBundleId());
            boolean mayWorkNow = failure == null || failure.getType() == BundleException.RESOLVE_ERROR;
            if (AppBundles.isWanted(app)
                    && !AppBundles.isRunning(app)
                    && !stops.isUnderWay(app)
                    && mayWorkNow
                    && bundles.unmet(app).isEmpty()) {
                start(app);
                hasStarted |= AppBundles.isRunning(app);
            }
        }
        return hasStarted;
    }

    private String duplicate(JarContent content, Bundle other) {
        String where = bundles.isApp(other)
                ? "from '" + Reports.name(AppBundles.jar(other))
                        + "': one jar for each symbolic name; remove one of the two"
                : "as a part of the runtime: give the app another Bundle-SymbolicName";
        return "'" + content.symbolicName() + "' is installed already, version " + other.getVersion() + " " + where;
    }

    /** What was refreshed along with an app, and why. What was parked meanwhile the core says. */
    private static String with(List<Dependent> refreshed) {
        return refreshed.isEmpty()
                ? ""
                : refreshed.stream()
                        .map(each -> each.bundle().label() + ", which " + each.reason())
                        .collect(Collectors.joining("; ", "; refreshed: ", ""));
    }
}
