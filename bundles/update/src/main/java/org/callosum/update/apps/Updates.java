// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

import org.callosum.api.KeyValues;
import org.callosum.api.Printable;
import org.callosum.core.AppMark;
import org.callosum.core.Dispatcher;
import org.callosum.update.AppUpdates;
import org.callosum.update.BundleChanges;
import org.callosum.update.BundleVersion;
import org.callosum.update.ContentKeeper;
import org.callosum.update.JarContent;
import org.callosum.update.Reasons;
import org.callosum.update.UnmetException;
import org.callosum.update.UpdateException;
import org.callosum.update.UpdatePlan;
import org.callosum.update.UpdateReport;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.service.log.Logger;

/** Makes an operator's changes, each with its report. Keeps nothing between two of them. */
public final class Updates implements AppUpdates {
    private static final String UPDATE_LOCATION = "Bundle-UpdateLocation";
    private static final String REFERENCE = "reference:";

    private final BundleContext context;
    private final BundleChanges changes;
    private final Apps apps;
    private final Downloads downloads;
    private final Absences absences;
    private final Supplier<Optional<ContentKeeper>> keeper;
    private final Logger logger;

    /**
     * Changes bundles of this framework.
     *
     * @param dispatcher gives the dispatcher that is there at the moment
     * @param keeper gives who keeps the content of apps at the moment
     */
    public Updates(
            BundleContext context,
            BundleChanges changes,
            Supplier<Optional<Dispatcher>> dispatcher,
            Supplier<Optional<ContentKeeper>> keeper,
            Logger logger) {
        this.context = context;
        this.changes = changes;
        this.apps = new Apps(context);
        this.downloads = new Downloads(context.getDataFile("incoming").toPath());
        this.absences = new Absences(dispatcher);
        this.keeper = keeper;
        this.logger = logger;
    }

    @Override
    public UpdateReport install(String place) throws UpdateException {
        return downloads.fetch(place, this::install);
    }

    private UpdateReport install(JarContent content, String url) throws UpdateException {
        Optional<ContentKeeper> keeps = keeper.get();
        String location = keeps.map(each -> each.location(content)).orElse(url);
        requireNew(content, location);
        Change change = begin(Optional.empty());
        try {
            OptionalInt level = keeps.isPresent() ? OptionalInt.of(keeps.get().startLevel()) : OptionalInt.empty();
            Bundle bundle = changes.install(location, content, level);
            change.isMade(changes.dependents(bundle)); // the hosts of a fragment; none of another new bundle
            change.start(bundle);
            keep(change, keeps, bundle, content);
            logger.info("{} is installed{}", Apps.label(bundle), AppMark.keyValues(bundle));
            return change.report(Optional.of(bundle));
        } catch (BundleException | IOException e) {
            throw new UpdateException(Printable.quoted(content.symbolicName()) + " was not installed: " + why(e), e);
        }
    }

    @Override
    public UpdateReport update(String app, Optional<String> place) throws UpdateException {
        Bundle bundle = changeable(app);
        return downloads.fetch(placeOf(bundle, place), (content, url) -> update(bundle, content));
    }

    private UpdateReport update(Bundle bundle, JarContent content) throws UpdateException {
        requireSame(bundle, content);
        String was = Apps.label(bundle);
        Version versionBefore = bundle.getVersion();
        boolean isToRun = bundle.adapt(BundleStartLevel.class).isPersistentlyStarted();
        long modified = bundle.getLastModified();
        Change change = begin(Optional.of(bundle));
        try {
            changes.requireMet(content, bundle);
            change.isMade(changes.update(bundle, content));
        } catch (UnmetException e) {
            throw new UpdateException(was + " is not updated: " + e.getMessage(), e);
        } catch (BundleException | IOException e) {
            if (bundle.getLastModified() == modified) { // the framework has kept the version before
                restart(change, bundle, isToRun);
                throw new UpdateException(was + " was not updated: " + why(e), e);
            }
            change.problem(Printable.of(why(e)));
        }
        restart(change, bundle, isToRun);
        Optional<ContentKeeper> keeps = keeper.get().filter(each -> each.keeps(bundle));
        keep(change, keeps, bundle, content);
        logger.info(
                "{} is updated to {}{}",
                was,
                Apps.label(bundle),
                AppMark.keyValues(bundle).and("version_before", versionBefore));
        return change.report(Optional.of(bundle));
    }

    @Override
    public UpdateReport remove(String app) throws UpdateException {
        Bundle bundle = changeable(app);
        String was = Apps.label(bundle);
        KeyValues values = AppMark.keyValues(bundle);
        Optional<ContentKeeper> keeps = keeper.get().filter(each -> each.keeps(bundle));
        Change change = begin(Optional.of(bundle));
        try {
            change.isMade(changes.uninstall(bundle));
        } catch (BundleException e) {
            if (bundle.getState() != Bundle.UNINSTALLED) {
                throw new UpdateException(was + " was not removed: " + why(e), e);
            }
            change.problem(Printable.of(why(e)));
        }
        if (keeps.isPresent()) {
            try {
                keeps.get().drop(bundle);
            } catch (IOException e) {
                change.problem("its jar could not be removed, and is installed again at the next start: "
                        + Printable.of(e.toString()));
            }
        }
        logger.info("{} is removed{}", was, values);
        return change.report(Optional.empty());
    }

    @Override
    public UpdatePlan planUpdate(String app, Optional<String> place) throws UpdateException {
        Bundle bundle = changeable(app);
        return downloads.fetch(placeOf(bundle, place), (content, url) -> {
            requireSame(bundle, content);
            try {
                return new UpdatePlan(
                        BundleVersion.of(bundle),
                        Optional.of(content.version().toString()),
                        changes.dependents(bundle),
                        changes.unmet(content, bundle));
            } catch (BundleException | IOException e) {
                throw new UpdateException(Apps.label(bundle) + " cannot be updated: " + why(e), e);
            }
        });
    }

    @Override
    public UpdatePlan planRemove(String app) throws UpdateException {
        Bundle bundle = changeable(app);
        return new UpdatePlan(BundleVersion.of(bundle), Optional.empty(), changes.dependents(bundle), List.of());
    }

    private Change begin(Optional<Bundle> changed) {
        return new Change(context, changes, absences, logger, changed);
    }

    /** A bundle that can be changed by this one. */
    private Bundle changeable(String app) throws UpdateException {
        Bundle bundle = apps.find(app);
        long own = context.getBundle().getBundleId();
        if (bundle.getBundleId() == Constants.SYSTEM_BUNDLE_ID
                || bundle.getBundleId() == own
                || changes.dependents(bundle).stream()
                        .anyMatch(each -> each.bundle().id() == own)) {
            throw new UpdateException(Apps.label(bundle)
                    + " is a part of the runtime that this command itself hangs on: use the framework's own commands");
        }
        return bundle;
    }

    private void requireNew(JarContent content, String location) throws UpdateException {
        Optional<Bundle> same =
                apps.ofSymbolicName(content.symbolicName()).or(() -> Optional.ofNullable(context.getBundle(location)));
        if (same.isPresent()) {
            throw new UpdateException(Printable.quoted(content.symbolicName()) + " is installed already, as "
                    + Apps.label(same.get()) + ": update that, or remove it first");
        }
    }

    private static void requireSame(Bundle bundle, JarContent content) throws UpdateException {
        if (!content.symbolicName().equals(bundle.getSymbolicName())) {
            throw new UpdateException("The jar is bundle " + Printable.quoted(content.symbolicName()) + ", not "
                    + Printable.quoted(String.valueOf(bundle.getSymbolicName())) + ": install it, or give another one");
        }
    }

    private static String placeOf(Bundle bundle, Optional<String> place) {
        if (place.isPresent()) {
            return place.get();
        }
        String header = bundle.getHeaders("").get(UPDATE_LOCATION);
        String own = header == null ? bundle.getLocation() : header;
        return own.startsWith(REFERENCE) ? own.substring(REFERENCE.length()) : own;
    }

    private static void restart(Change change, Bundle bundle, boolean isToRun) {
        if (isToRun) {
            change.start(bundle);
        }
    }

    private static void keep(Change change, Optional<ContentKeeper> keeper, Bundle bundle, JarContent content) {
        if (keeper.isPresent()) {
            try {
                keeper.get().keep(bundle, content);
            } catch (IOException e) {
                change.problem("its jar could not be kept, and it is lost with the framework's cache: "
                        + Printable.of(e.toString()));
            }
        }
    }

    private static String why(Exception e) {
        return Printable.of(e instanceof BundleException ? Reasons.of(e) : e.toString());
    }
}
