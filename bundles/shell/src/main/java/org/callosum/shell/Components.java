// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;

import org.osgi.framework.dto.BundleDTO;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** The apps' components that are not there, and what each of them lacks. */
final class Components {
    private final ServiceComponentRuntime runtime;

    /**
     * The components of a runtime.
     *
     * @param runtime {@code null} if nobody can be asked: none lacks anything then
     */
    Components(ServiceComponentRuntime runtime) {
        this.runtime = runtime;
    }

    /** Why a component is not there. */
    enum Kind {
        /** No service is there that it refers to. */
        REFERENCE,
        /** It demands a configuration, and there is none. */
        CONFIGURATION,
        /** It could be activated, and failed. */
        ACTIVATION
    }

    /**
     * A component that is not there.
     *
     * @param bundleId its bundle
     * @param bundle that bundle's symbolic name
     * @param name its name
     * @param properties its service properties, as it declares them
     * @param kind why it is not there
     * @param why a sentence of it
     */
    record Missing(long bundleId, String bundle, String name, Map<String, Object> properties, Kind kind, String why) {
        /** Copies nothing: what is in the properties may be {@code null}. */
        Missing {
            properties = Collections.unmodifiableMap(properties);
        }
    }

    private record Unsatisfied(ComponentDescriptionDTO component, ComponentConfigurationDTO configuration) {}

    /**
     * The components that are not there, of apps, and of whoever else has a handler.
     *
     * @param isApp whether a bundle is an app, by its id
     */
    List<Missing> missing(LongPredicate isApp) {
        if (runtime == null) {
            return List.of();
        }
        List<Unsatisfied> all = unsatisfied();
        List<Missing> missing = new ArrayList<>();
        for (Unsatisfied each : all) {
            ComponentDescriptionDTO component = each.component();
            if (isApp.test(component.bundle.id) || component.properties.containsKey("tract")) {
                missing.add(new Missing(
                        component.bundle.id,
                        component.bundle.symbolicName,
                        component.name,
                        component.properties,
                        kind(each.configuration()),
                        why(each, all)));
            }
        }
        return missing;
    }

    private List<Unsatisfied> unsatisfied() {
        List<Unsatisfied> all = new ArrayList<>();
        for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
            Collection<ComponentConfigurationDTO> configurations = runtime.getComponentConfigurationDTOs(component);
            for (ComponentConfigurationDTO configuration : configurations) {
                if (configuration.state != ComponentConfigurationDTO.ACTIVE
                        && configuration.state != ComponentConfigurationDTO.SATISFIED) {
                    all.add(new Unsatisfied(component, configuration));
                }
            }
        }
        return all;
    }

    private static Kind kind(ComponentConfigurationDTO configuration) {
        return switch (configuration.state) {
            case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION -> Kind.CONFIGURATION;
            case ComponentConfigurationDTO.FAILED_ACTIVATION -> Kind.ACTIVATION;
            default -> Kind.REFERENCE;
        };
    }

    private static String why(Unsatisfied unsatisfied, List<Unsatisfied> all) {
        ComponentDescriptionDTO component = unsatisfied.component();
        return switch (kind(unsatisfied.configuration())) {
            case CONFIGURATION -> "lacks its configuration: set " + String.join(" or ", component.configurationPid);
            case ACTIVATION -> "failed to activate: " + cause(unsatisfied.configuration().failure);
            case REFERENCE ->
                Arrays.stream(unsatisfied.configuration().unsatisfiedReferences)
                        .map(reference -> lacks(component, reference, all))
                        .collect(Collectors.joining("; "));
        };
    }

    private static String lacks(
            ComponentDescriptionDTO component, UnsatisfiedReferenceDTO reference, List<Unsatisfied> all) {
        String type = Arrays.stream(component.references)
                .filter(each -> each.name.equals(reference.name))
                .map((ReferenceDTO each) -> each.interfaceName)
                .findFirst()
                .orElse("?");
        return "lacks its reference '" + reference.name + "': there is no service " + type
                + (reference.target == null ? "" : " with " + reference.target) + provider(type, all);
    }

    /** Who would give the service, if he were not without something himself. */
    private static String provider(String type, List<Unsatisfied> all) {
        return all.stream()
                .map(Unsatisfied::component)
                .filter(each -> Arrays.asList(each.serviceInterfaces).contains(type))
                .findFirst()
                .map(each -> ", for its component '" + each.name + "' of bundle " + label(each.bundle)
                        + " is not there either")
                .orElse("");
    }

    private static String label(BundleDTO bundle) {
        return bundle.id + " " + bundle.symbolicName;
    }

    /** The innermost cause of a printed stack trace. */
    private static String cause(String trace) {
        if (trace == null) {
            return "the log has the cause";
        }
        return trace.lines()
                .filter(line -> line.startsWith("Caused by: "))
                .reduce((first, second) -> second)
                .map(line -> line.substring("Caused by: ".length()))
                .orElseGet(() -> trace.lines().findFirst().orElse("unknown"));
    }
}
