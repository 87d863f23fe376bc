// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.bundles;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;

/**
 * What keeps a bundle from being resolved, for people: which package or capability nobody has, or has in another version,
 * and what would help. Found by asking the framework who could provide each requirement, not by reading its exceptions.
 */
final class Unmet {
    private static final Pattern FROM = Pattern.compile("\\(version>=([^)]*)\\)");
    private static final Pattern BELOW = Pattern.compile("\\(!\\(version>=([^)]*)\\)\\)");

    private final BundleContext context;
    private final FrameworkWiring wiring;
    private final Predicate<Bundle> counts;

    /** Looks among all bundles for which {@code counts} holds. */
    Unmet(BundleContext context, Predicate<Bundle> counts) {
        this.context = context;
        this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        this.counts = counts;
    }

    /** A sentence for each requirement of the revision that nobody meets; none if all are met. */
    List<String> of(BundleRevision revision) {
        return of(revision, new HashSet<>());
    }

    /** The bundles that a fragment can attach to. The framework names only those that are not resolved yet. */
    static List<BundleCapability> hosts(BundleContext context, BundleRequirement fragmentHost) {
        return Arrays.stream(context.getBundles())
                .map(each -> each.adapt(BundleRevision.class))
                .filter(Objects::nonNull)
                .flatMap(each -> each.getDeclaredCapabilities(HostNamespace.HOST_NAMESPACE).stream())
                .filter(fragmentHost::matches)
                .toList();
    }

    private List<String> of(BundleRevision revision, Set<BundleRevision> seen) {
        List<String> unmet = new ArrayList<>();
        if (revision.getWiring() != null || !seen.add(revision)) {
            return unmet; // resolved, or asked already on the way here
        }
        for (BundleRequirement requirement : revision.getDeclaredRequirements(null)) {
            if (isMandatory(requirement)) {
                sentence(requirement, seen).ifPresent(unmet::add);
            }
        }
        return unmet;
    }

    private static boolean isMandatory(BundleRequirement requirement) {
        String effective = requirement.getDirectives().get(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE);
        String resolution = requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE);
        return (effective == null || effective.equals(Namespace.EFFECTIVE_RESOLVE))
                && !Namespace.RESOLUTION_OPTIONAL.equals(resolution)
                && !PackageNamespace.RESOLUTION_DYNAMIC.equals(resolution);
    }

    /** What to say of a requirement that is not met. */
    private Optional<String> sentence(BundleRequirement requirement, Set<BundleRevision> seen) {
        Collection<BundleCapability> candidates = requirement.getNamespace().equals(HostNamespace.HOST_NAMESPACE)
                ? hosts(context, requirement)
                : wiring.findProviders(requirement);
        Collection<BundleCapability> providers = candidates.stream()
                .filter(each -> counts.test(each.getRevision().getBundle()))
                .toList();
        if (providers.isEmpty()) {
            return Optional.of(missing(requirement));
        }
        List<String> reasons = new ArrayList<>();
        for (BundleCapability provider : providers) {
            List<String> lacks = of(provider.getRevision(), seen);
            if (lacks.isEmpty()) {
                return Optional.empty();
            }
            reasons.add("'" + provider.getRevision().getSymbolicName() + "', which has it, does not resolve itself: "
                    + String.join("; ", lacks));
        }
        return Optional.of(name(requirement) + " cannot be had: " + String.join("; ", reasons));
    }

    private String missing(BundleRequirement requirement) {
        return switch (requirement.getNamespace()) {
            case PackageNamespace.PACKAGE_NAMESPACE -> missingPackage(requirement);
            case BundleNamespace.BUNDLE_NAMESPACE -> name(requirement) + " is not installed: install it, too";
            case HostNamespace.HOST_NAMESPACE ->
                name(requirement) + ", the host of this fragment, is not installed: install it, too";
            case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE ->
                "this Java ("
                        + System.getProperty("java.version") + ") is not what it was built for, "
                        + filter(requirement) + ": run Callosum on another Java";
            default -> name(requirement) + " is provided by no bundle: install one that provides it, too";
        };
    }

    private String missingPackage(BundleRequirement requirement) {
        String name = packageName(requirement);
        Set<String> others = new TreeSet<>();
        for (Bundle bundle : context.getBundles()) {
            BundleRevision revision = counts.test(bundle) ? bundle.adapt(BundleRevision.class) : null;
            if (revision == null) {
                continue;
            }
            for (BundleCapability export : revision.getDeclaredCapabilities(PackageNamespace.PACKAGE_NAMESPACE)) {
                if (name.equals(export.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE))) {
                    others.add("'" + revision.getSymbolicName() + "' exports version "
                            + export.getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE));
                }
            }
        }
        return others.isEmpty()
                ? name(requirement) + " is exported by no bundle: install the bundle that exports it, too,"
                        + " or build the package into this one"
                : name(requirement) + " is not there in that version, " + String.join(", ", others)
                        + ": build against what is there, or install what it was built against";
    }

    private static String name(BundleRequirement requirement) {
        String namespace = requirement.getNamespace();
        return switch (namespace) {
            case PackageNamespace.PACKAGE_NAMESPACE ->
                "package '" + packageName(requirement) + "'" + range(filter(requirement));
            case BundleNamespace.BUNDLE_NAMESPACE, HostNamespace.HOST_NAMESPACE ->
                "bundle '" + attribute(requirement, namespace) + "'";
            default -> "capability '" + namespace + "' " + filter(requirement);
        };
    }

    private static String packageName(BundleRequirement requirement) {
        return attribute(requirement, PackageNamespace.PACKAGE_NAMESPACE);
    }

    /** The value that the requirement's filter demands of an attribute: a header's first part, which only the filter keeps. */
    private static String attribute(BundleRequirement requirement, String attribute) {
        Matcher matcher = Pattern.compile("\\(" + Pattern.quote(attribute) + "=([^)]*)\\)")
                .matcher(filter(requirement));
        return matcher.find() ? matcher.group(1) : filter(requirement);
    }

    private static String filter(BundleRequirement requirement) {
        return String.valueOf(requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE));
    }

    /** The versions that a filter takes, as a header writes them: {@code  [1.0.0,2.0.0)}. */
    static String range(String filter) {
        Matcher below = BELOW.matcher(filter);
        String to = below.find() ? below.group(1) : null;
        Matcher from = FROM.matcher(below.reset().replaceAll(""));
        if (!from.find()) {
            return "";
        }
        return to == null ? " " + from.group(1) + " or later" : " [" + from.group(1) + "," + to + ")";
    }
}
