// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.callosum.api.Printable;
import org.callosum.core.AppMark;
import org.callosum.update.BundleVersion;
import org.callosum.update.UpdateException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Which bundle an operator means. */
final class Apps {
    private final BundleContext context;

    Apps(BundleContext context) {
        this.context = context;
    }

    /**
     * The bundle of an app, given by the app's name, else by the bundle's symbolic name or id.
     *
     * @throws UpdateException if there is none, or there are several
     */
    Bundle find(String name) throws UpdateException {
        List<Bundle> found = all(bundle -> AppMark.isOn(bundle) && name.equals(AppMark.name(bundle)));
        if (found.isEmpty()) {
            found = all(bundle -> name.equals(bundle.getSymbolicName()));
        }
        if (found.isEmpty()) {
            found = all(bundle -> name.equals(Long.toString(bundle.getBundleId())));
        }
        if (found.isEmpty()) {
            throw new UpdateException(
                    Printable.quoted(name) + " is no app, and no bundle's symbolic name or id: " + known());
        }
        if (found.size() > 1) {
            throw new UpdateException(Printable.quoted(name) + " is several bundles, "
                    + found.stream().map(Apps::label).collect(Collectors.joining(", ")) + ": give the id of one");
        }
        return found.get(0);
    }

    /** The bundle of that symbolic name, the one with the lowest id if there are several. */
    Optional<Bundle> ofSymbolicName(String symbolicName) {
        return all(bundle -> symbolicName.equals(bundle.getSymbolicName())).stream()
                .findFirst();
    }

    /** A bundle as an error names it. */
    static String label(Bundle bundle) {
        return "bundle " + bundle.getBundleId() + " ("
                + Printable.of(BundleVersion.of(bundle).label()) + ")";
    }

    private String known() {
        String apps = all(AppMark::isOn).stream()
                .map(AppMark::name)
                .distinct()
                .sorted()
                .map(Printable::of)
                .collect(Collectors.joining(", "));
        return apps.isEmpty() ? "there are no apps" : "there are " + apps;
    }

    private List<Bundle> all(Predicate<Bundle> condition) {
        return Arrays.stream(context.getBundles()).filter(condition).toList();
    }
}
