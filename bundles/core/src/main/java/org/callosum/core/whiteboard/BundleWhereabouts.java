// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

import org.callosum.core.AbsentComponent;
import org.callosum.core.dispatch.HandlerIdentity;
import org.callosum.core.dispatch.Owner;
import org.callosum.core.dispatch.Whereabouts;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** Knows from bundles and component descriptions whether a handler that left comes back. */
public final class BundleWhereabouts implements Whereabouts {
    private static final String POLICY_REQUIRE = "require";
    private static final String SERVICE_COMPONENT = "Service-Component";

    private final BundleContext context;
    private final ServiceComponentRuntime components;
    private final UnsatisfiedComponents unsatisfied;

    /** What this framework and this component runtime know. */
    public BundleWhereabouts(BundleContext context, ServiceComponentRuntime components) {
        this.context = context;
        this.components = components;
        this.unsatisfied = new UnsatisfiedComponents(context, components);
    }

    @Override
    public Answer of(Owner owner, HandlerIdentity identity) {
        Bundle bundle = context.getBundle(owner.bundleId());
        if (bundle == null || bundle.getState() == Bundle.UNINSTALLED) {
            return Answer.STOPPED;
        }
        if (bundle.getState() != Bundle.ACTIVE) {
            // Between the stop and the start of an update there is no sign of a stop but the autostart setting.
            BundleStartLevel startLevel = bundle.adapt(BundleStartLevel.class); // null if it was uninstalled meanwhile
            return startLevel != null && startLevel.isPersistentlyStarted() ? Answer.COMING : Answer.STOPPED;
        }
        Collection<ComponentDescriptionDTO> known = components.getComponentDescriptionDTOs(bundle);
        if (known.isEmpty() && bundle.getHeaders("").get(SERVICE_COMPONENT) != null) {
            return Answer.COMING; // the component runtime has not looked at the bundle yet
        }
        // What is not described may be registered by hand, and what is not enabled may be about to be.
        return identity.isComponent()
                        && known.stream()
                                .filter(description -> description.name.equals(identity.name()))
                                .anyMatch(description -> isComing(description, identity.configuration()))
                ? Answer.COMING
                : Answer.UNKNOWN;
    }

    @Override
    public List<Absent> absent() {
        return unsatisfied.handlers();
    }

    @Override
    public List<AbsentComponent> absentComponents() {
        return unsatisfied.components();
    }

    /** A component without the configuration that it needs was turned off by that, not replaced. */
    private boolean isComing(ComponentDescriptionDTO description, Optional<String> configuration) {
        if (!components.isComponentEnabled(description)) {
            return false;
        }
        Collection<ComponentConfigurationDTO> instances = components.getComponentConfigurationDTOs(description);
        return configuration.isPresent()
                ? instances.stream()
                        .anyMatch(
                                instance -> configuration.get().equals(instance.properties.get(Constants.SERVICE_PID)))
                : instances.isEmpty() && !POLICY_REQUIRE.equals(description.configurationPolicy)
                        || instances.stream()
                                .anyMatch(instance ->
                                        instance.state != ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION);
    }
}
