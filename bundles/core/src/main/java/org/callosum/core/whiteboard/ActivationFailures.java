// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/**
 * Why a component could not be activated. The framework says only that there is no service; Declarative Services keeps the
 * cause with the component.
 */
public final class ActivationFailures {
    private final ServiceComponentRuntime components;

    /** The failures that this runtime knows. */
    public ActivationFailures(ServiceComponentRuntime components) {
        this.components = components;
    }

    /** The cause, as far as it is known. */
    String causeOf(ServiceReference<?> reference) {
        Bundle bundle = reference.getBundle();
        if (bundle == null) {
            return "its bundle is gone";
        }
        Object id = reference.getProperty("component.id");
        if (id == null) {
            return "its service factory gave none";
        }
        for (ComponentDescriptionDTO description : components.getComponentDescriptionDTOs(bundle)) {
            for (ComponentConfigurationDTO component : components.getComponentConfigurationDTOs(description)) {
                if (id.equals(component.id) && component.failure != null) {
                    return text(component.failure);
                }
            }
        }
        return "its component gave none; the log has the cause";
    }

    /** What a printed stack trace says of a failed activation; {@code null} if there is none. */
    static String text(String stackTrace) {
        return "its activation failed: " + (stackTrace == null ? "the log has the cause" : cause(stackTrace));
    }

    /** The innermost cause of a printed stack trace; its frames are in the log. */
    private static String cause(String stackTrace) {
        return stackTrace
                .lines()
                .filter(line -> line.startsWith("Caused by: "))
                .reduce((first, second) -> second)
                .map(line -> line.substring("Caused by: ".length()))
                .orElseGet(() -> stackTrace.lines().findFirst().orElse("unknown"));
    }
}
