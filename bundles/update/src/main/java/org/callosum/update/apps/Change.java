// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.api.Printable;
import org.callosum.core.AppMark;
import org.callosum.update.AppUpdates;
import org.callosum.update.BundleChanges;
import org.callosum.update.BundleVersion;
import org.callosum.update.Dependent;
import org.callosum.update.Reasons;
import org.callosum.update.UpdateReport;
import org.callosum.update.UpdateReport.Parked;
import org.callosum.update.leftovers.Leftovers;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.service.log.Logger;

/** One change: begins before anything is touched, and ends with its report. Confined to one thread. */
final class Change {
    private final BundleChanges changes;
    private final Absences absences;
    private final Logger logger;

    private final Optional<BundleVersion> before;
    private final Leftovers leftovers;
    /** Those that may be stopped for it. */
    private final List<Bundle> concerned;

    private final long startNanos = System.nanoTime();
    private final List<String> problems = new ArrayList<>();
    private List<Dependent> refreshed = List.of();

    /**
     * Begins.
     *
     * @param changed the bundle that is changed; empty if it is not there yet
     */
    Change(BundleContext context, BundleChanges changes, Absences absences, Logger logger, Optional<Bundle> changed) {
        this.changes = changes;
        this.absences = absences;
        this.logger = logger;
        this.before = changed.map(BundleVersion::of);
        this.concerned = changed.map(bundle -> concerned(context, bundle)).orElse(List.of());
        this.leftovers = Leftovers.of(concerned);
    }

    private List<Bundle> concerned(BundleContext context, Bundle bundle) {
        Set<Long> hanging = changes.dependents(bundle).stream()
                .map(each -> each.bundle().id())
                .collect(Collectors.toSet());
        Stream<Bundle> dependents =
                Stream.of(context.getBundles()).filter(each -> hanging.contains(each.getBundleId()));
        return Stream.concat(Stream.of(bundle), dependents).toList();
    }

    /** The change is made. */
    void isMade(List<Dependent> refreshedWithIt) {
        refreshed = refreshedWithIt;
    }

    /** Something is not as it should be. */
    void problem(String sentence) {
        problems.add(sentence);
    }

    /** Starts the new version. */
    void start(Bundle bundle) {
        try {
            changes.start(bundle);
        } catch (BundleException e) {
            List<String> unmet = changes.unmet(bundle);
            String why = unmet.isEmpty() ? Reasons.of(e) : String.join("; ", unmet);
            problem("it does not run: " + Printable.of(why));
            logger.warn(
                    "{} does not run: {}{}",
                    Apps.label(bundle),
                    Printable.of(why),
                    AppMark.keyValues(bundle).and("reason", why),
                    e);
        }
    }

    /** Waits until what was stopped is back and what was replaced is gone, and tells all. */
    UpdateReport report(Optional<Bundle> after) {
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
        boolean runs = after.isPresent() && after.get().getState() == Bundle.ACTIVE;
        concerned.stream()
                .filter(each -> each.getState() != Bundle.UNINSTALLED)
                .filter(each -> after.isEmpty() || !each.equals(after.get()))
                .forEach(this::lookAt);
        // What is not back now is not expected to be soon.
        boolean isPatient = problems.isEmpty();
        List<Parked> parked = absences.await(
                concerned.stream().map(Bundle::getBundleId).collect(Collectors.toSet()),
                startNanos,
                isPatient ? Duration.ofSeconds(AppUpdates.PARKING_SECONDS) : Duration.ZERO);
        return new UpdateReport(
                before,
                after.map(BundleVersion::of),
                runs,
                took,
                problems,
                refreshed,
                parked,
                leftovers.find(absences.hungHandlers()),
                leftovers.search());
    }

    /** Whether a bundle that was refreshed runs again. */
    private void lookAt(Bundle bundle) {
        BundleStartLevel level = bundle.adapt(BundleStartLevel.class); // null once it is uninstalled
        boolean isToRun = level != null && level.isPersistentlyStarted();
        boolean isFragment =
                level != null && (bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
        if (isToRun && !isFragment && (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) == 0) {
            List<String> unmet = changes.unmet(bundle);
            problem(Printable.of(BundleVersion.of(bundle).label() + " does not run any more"
                    + (unmet.isEmpty() ? "" : ": " + String.join("; ", unmet))));
        }
    }
}
