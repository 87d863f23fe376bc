// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** What the components of a bundle wait for. */
final class Components {
    private final ServiceComponentRuntime runtime;

    Components(ServiceComponentRuntime runtime) {
        this.runtime = runtime;
    }

    /** A sentence for each component that cannot be had yet, with what it waits for. */
    List<String> waiting(Bundle bundle) {
        List<String> waiting = new ArrayList<>();
        for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(bundle)) {
            for (ComponentConfigurationDTO configuration : runtime.getComponentConfigurationDTOs(component)) {
                if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION) {
                    waiting.add("component '" + component.name + "' waits for its settings: write etc/"
                            + component.configurationPid[0] + ".cfg");
                } else if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                    for (UnsatisfiedReferenceDTO reference : configuration.unsatisfiedReferences) {
                        waiting.add("component '" + component.name + "' waits for " + service(component, reference)
                                + ": copy a bundle that provides it into the folder, too");
                    }
                }
            }
        }
        return waiting;
    }

    private static String service(ComponentDescriptionDTO component, UnsatisfiedReferenceDTO unsatisfied) {
        String type = Arrays.stream(component.references)
                .filter(each -> each.name.equals(unsatisfied.name))
                .map(each -> each.interfaceName)
                .findFirst()
                .orElse(unsatisfied.name);
        return "a service '" + type + "'" + (unsatisfied.target == null ? "" : " with " + unsatisfied.target);
    }
}
