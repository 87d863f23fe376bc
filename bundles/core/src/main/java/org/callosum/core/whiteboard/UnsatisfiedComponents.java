// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.callosum.core.AbsentComponent;
import org.callosum.core.AbsentComponent.Cause;
import org.callosum.core.dispatch.Handler;
import org.callosum.core.dispatch.HandlerIdentity;
import org.callosum.core.dispatch.Registration;
import org.callosum.core.dispatch.Whereabouts.Absent;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;
import org.osgi.service.event.EventHandler;

/**
 * The components that bundles declare and that are not there, with what each lacks: a service that nobody has, a configuration,
 * or that it is enabled; or that it failed to activate. Of a service that a component would give, what that one lacks is said,
 * too.
 *
 * <p><b>Threads.</b> Any; the component runtime is asked, so no lock may be held.
 */
final class UnsatisfiedComponents {
    private static final String POLICY_REQUIRE = "require";
    private static final String NOT_ENABLED = "it is not enabled";

    /** How many components may lack each other. */
    private static final int MAX_DEPTH = 4;

    private final BundleContext context;
    private final ServiceComponentRuntime components;

    UnsatisfiedComponents(BundleContext context, ServiceComponentRuntime components) {
        this.context = context;
        this.components = components;
    }

    /**
     * A component that is not there.
     *
     * @param properties what its service's properties are, or would be
     */
    private record Unsatisfied(
            ComponentDescriptionDTO description, Map<String, Object> properties, Cause cause, String reason) {}

    /** Those that are not there. */
    List<AbsentComponent> components() {
        return unsatisfied().stream()
                .map(each -> new AbsentComponent(
                        each.description().bundle.id,
                        String.valueOf(each.description().bundle.symbolicName), // a bundle of old has none
                        each.description().name,
                        isHandler(each.description()),
                        each.cause(),
                        each.reason()))
                .toList();
    }

    /** Those that would be handlers, as such. One that failed to activate is there for events: the next one tries it again. */
    List<Absent> handlers() {
        List<Absent> absent = new ArrayList<>();
        for (Unsatisfied each : unsatisfied()) {
            Bundle bundle = context.getBundle(each.description().bundle.id);
            if (bundle != null && isHandler(each.description()) && each.cause() != Cause.ACTIVATION) {
                absent.add(absent(bundle, each.description(), each.properties(), each.reason()));
            }
        }
        return absent;
    }

    private static boolean isHandler(ComponentDescriptionDTO description) {
        return gives(description, EventHandler.class.getName());
    }

    private List<Unsatisfied> unsatisfied() {
        Collection<ComponentDescriptionDTO> all = components.getComponentDescriptionDTOs();
        List<Unsatisfied> unsatisfied = new ArrayList<>();
        for (ComponentDescriptionDTO description : all) {
            if (description.factory != null) {
                continue; // its instances are made by hand
            }
            if (!components.isComponentEnabled(description)) {
                unsatisfied.add(new Unsatisfied(description, description.properties, Cause.DISABLED, NOT_ENABLED));
                continue;
            }
            Collection<ComponentConfigurationDTO> instances = components.getComponentConfigurationDTOs(description);
            if (instances.isEmpty() && POLICY_REQUIRE.equals(description.configurationPolicy)) {
                unsatisfied.add(new Unsatisfied(
                        description, description.properties, Cause.CONFIGURATION, lacksConfiguration(description)));
            }
            for (ComponentConfigurationDTO instance : instances) {
                String reason = reason(description, instance, all, new HashSet<>());
                if (!reason.isEmpty()) {
                    unsatisfied.add(new Unsatisfied(description, instance.properties, cause(instance), reason));
                }
            }
        }
        return unsatisfied;
    }

    private static Cause cause(ComponentConfigurationDTO instance) {
        return switch (instance.state) {
            case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION -> Cause.CONFIGURATION;
            case ComponentConfigurationDTO.FAILED_ACTIVATION -> Cause.ACTIVATION;
            default -> Cause.REFERENCE;
        };
    }

    private static Absent absent(
            Bundle bundle, ComponentDescriptionDTO description, Map<String, Object> properties, String reason) {
        String component =
                "component " + description.name + " (" + bundle.getSymbolicName() + " " + bundle.getVersion() + ")";
        Registration registration = Registrations.read(component, properties::get);
        if (registration.subscriptions().isEmpty() && properties != description.properties) {
            registration = Registrations.read(component, description.properties::get);
        }
        Handler handler = new Handler(
                0,
                Whiteboard.owner(bundle),
                HandlerIdentity.component(description.name),
                description.name.substring(description.name.lastIndexOf('.') + 1),
                registration,
                NONE);
        return new Absent(handler, reason);
    }

    /** Never asked: the handler is only looked at. */
    private static final Handler.Source NONE = new Handler.Source() {
        @Override
        public EventHandler get() {
            throw new IllegalStateException("Its component is not satisfied");
        }

        @Override
        public void release() {
            // Nothing was got.
        }
    };

    /** What an instance of a component lacks; empty if it is satisfied. */
    private String reason(
            ComponentDescriptionDTO description,
            ComponentConfigurationDTO instance,
            Collection<ComponentDescriptionDTO> all,
            Set<String> asked) {
        return switch (instance.state) {
            case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION -> lacksConfiguration(description);
            case ComponentConfigurationDTO.UNSATISFIED_REFERENCE ->
                Arrays.stream(instance.unsatisfiedReferences)
                        .map(missing -> lacksService(description, missing, all, asked))
                        .collect(Collectors.joining("; "));
            case ComponentConfigurationDTO.FAILED_ACTIVATION -> ActivationFailures.text(instance.failure);
            default -> "";
        };
    }

    private static String lacksConfiguration(ComponentDescriptionDTO description) {
        return "it needs a configuration, and there is none of the PID "
                + String.join(", ", description.configurationPid);
    }

    private String lacksService(
            ComponentDescriptionDTO description,
            UnsatisfiedReferenceDTO missing,
            Collection<ComponentDescriptionDTO> all,
            Set<String> asked) {
        String type = Arrays.stream(description.references)
                .filter(reference -> reference.name.equals(missing.name))
                .map((ReferenceDTO reference) -> reference.interfaceName)
                .findAny()
                .orElse("of an unknown type");
        String target = missing.target == null ? "" : " that matches " + missing.target;
        return "its reference '" + missing.name + "' is missing: there is no service " + type + target
                + wouldGive(type, all, asked);
    }

    /** Why those that declare the service do not give it. */
    private String wouldGive(String type, Collection<ComponentDescriptionDTO> all, Set<String> asked) {
        if (asked.size() >= MAX_DEPTH || !asked.add(type)) {
            return "";
        }
        List<String> givers = new ArrayList<>();
        for (ComponentDescriptionDTO giver : all) {
            if (!gives(giver, type) || giver.factory != null) {
                continue;
            }
            String lacks = components.isComponentEnabled(giver)
                    ? components.getComponentConfigurationDTOs(giver).stream()
                            .map(instance -> reason(giver, instance, all, asked))
                            .filter(reason -> !reason.isEmpty())
                            .findAny()
                            .orElse("")
                    : NOT_ENABLED;
            if (!lacks.isEmpty()) {
                givers.add(giver.name + " of " + giver.bundle.symbolicName + " would give it, but " + lacks);
            }
        }
        return givers.isEmpty() ? "" : " (" + String.join("; ", givers) + ")";
    }

    private static boolean gives(ComponentDescriptionDTO description, String type) {
        return description.serviceInterfaces != null
                && Arrays.asList(description.serviceInterfaces).contains(type);
    }
}
