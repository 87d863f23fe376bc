// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.component;

import java.util.Optional;

import org.callosum.core.Dispatcher;
import org.callosum.update.AppUpdates;
import org.callosum.update.BundleChanges;
import org.callosum.update.ContentKeeper;
import org.callosum.update.UpdateException;
import org.callosum.update.UpdatePlan;
import org.callosum.update.UpdateReport;
import org.callosum.update.apps.Updates;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/** {@link Updates} as a service. The core, and who keeps apps, may come and go: a change goes on without them. */
@Component(service = AppUpdates.class)
public final class AppUpdatesComponent implements AppUpdates {
    private final Updates updates;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Dispatcher dispatcher;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile ContentKeeper keeper;

    /** Changes apps by these changes. */
    @Activate
    public AppUpdatesComponent(
            BundleContext context,
            @Reference BundleChanges changes,
            @Reference(service = LoggerFactory.class) Logger logger) {
        updates = new Updates(
                context, changes, () -> Optional.ofNullable(dispatcher), () -> Optional.ofNullable(keeper), logger);
    }

    @Override
    public UpdateReport install(String place) throws UpdateException {
        return updates.install(place);
    }

    @Override
    public UpdateReport update(String app, Optional<String> place) throws UpdateException {
        return updates.update(app, place);
    }

    @Override
    public UpdateReport remove(String app) throws UpdateException {
        return updates.remove(app);
    }

    @Override
    public UpdatePlan planUpdate(String app, Optional<String> place) throws UpdateException {
        return updates.planUpdate(app, place);
    }

    @Override
    public UpdatePlan planRemove(String app) throws UpdateException {
        return updates.planRemove(app);
    }
}
