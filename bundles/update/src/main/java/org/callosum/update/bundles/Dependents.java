// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.bundles;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.callosum.update.BundleVersion;
import org.callosum.update.Dependent;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleRevisions;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * The bundles that hang on a bundle, with the wire that each hangs by. That they are the framework's own closure, not one
 * that is computed here, makes them those that it refreshes; the wires are only read for the reasons.
 */
final class Dependents {
    private final BundleContext context;
    private final FrameworkWiring wiring;

    Dependents(BundleContext context) {
        this.context = context;
        this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    /** All that would be refreshed along with the bundle, the nearest first. */
    List<Dependent> of(Bundle bundle) {
        return reasons(bundle).entrySet().stream()
                .map(each -> new Dependent(BundleVersion.of(each.getKey()), each.getValue()))
                .toList();
    }

    /** The bundles that a fragment attaches to; none if it is no fragment. The framework itself cannot be refreshed. */
    List<Bundle> hostsOf(Bundle bundle) {
        return bundle.adapt(BundleRevision.class).getDeclaredRequirements(HostNamespace.HOST_NAMESPACE).stream()
                .flatMap(requirement -> Unmet.hosts(context, requirement).stream())
                .map(each -> each.getRevision().getBundle())
                .filter(each -> each.getBundleId() != Constants.SYSTEM_BUNDLE_ID)
                .toList();
    }

    private Map<Bundle, String> reasons(Bundle bundle) {
        List<Bundle> hosts = hostsOf(bundle);
        Set<Bundle> closure = new LinkedHashSet<>(wiring.getDependencyClosure(
                Stream.concat(Stream.of(bundle), hosts.stream()).toList()));
        closure.remove(bundle);
        closure.removeIf(each -> each.getState() == Bundle.UNINSTALLED);
        Map<Bundle, String> reasons = new LinkedHashMap<>();
        hosts.forEach(host -> reasons.put(host, "is the host of fragment '" + bundle.getSymbolicName() + "'"));
        Deque<Bundle> next = new ArrayDeque<>();
        next.add(bundle);
        next.addAll(hosts);
        while (!next.isEmpty()) {
            Bundle provider = next.remove();
            for (BundleWire wire : wiresTo(provider)) {
                Bundle requirer = wire.getRequirer().getBundle();
                if (closure.contains(requirer) && reasons.putIfAbsent(requirer, reason(wire, provider)) == null) {
                    next.add(requirer);
                }
            }
        }
        closure.forEach(each -> reasons.putIfAbsent(each, "is wired to what is refreshed"));
        return reasons;
    }

    /** The wires to all versions of the bundle that are in use. */
    private static List<BundleWire> wiresTo(Bundle provider) {
        return provider.adapt(BundleRevisions.class).getRevisions().stream()
                .map(BundleRevision::getWiring)
                .filter(each -> each != null && each.isInUse())
                .map(Dependents::providedWires)
                .flatMap(Collection::stream)
                .toList();
    }

    private static List<BundleWire> providedWires(BundleWiring wiring) {
        List<BundleWire> wires = wiring.getProvidedWires(null);
        return wires == null ? List.of() : wires; // null if it has gone out of use meanwhile
    }

    private static String reason(BundleWire wire, Bundle provider) {
        String namespace = wire.getCapability().getNamespace();
        String what =
                switch (namespace) {
                    case PackageNamespace.PACKAGE_NAMESPACE ->
                        "imports package '"
                                + wire.getCapability().getAttributes().get(namespace) + "' of";
                    case BundleNamespace.BUNDLE_NAMESPACE -> "requires bundle";
                    case HostNamespace.HOST_NAMESPACE -> "is a fragment of";
                    default -> "requires capability '" + namespace + "' of";
                };
        return what + " '" + provider.getSymbolicName() + "'";
    }
}
