// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.callosum.core.AbsentComponent;
import org.callosum.core.AppMark;
import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.shell.AppsView.App;
import org.callosum.shell.AppsView.AppBundle;
import org.callosum.transport.ConnectionStatus;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Looks at all there is to see of a runtime. May be used by any thread. */
final class Sight {
    private final BundleContext context;
    private final Dispatcher dispatcher;
    private final Bridge bridge;

    /**
     * Looks at these.
     *
     * @param dispatcher {@code null} if there is none
     * @param bridge {@code null} if there is none
     */
    Sight(BundleContext context, Dispatcher dispatcher, Bridge bridge) {
        this.context = context;
        this.dispatcher = dispatcher;
        this.bridge = bridge;
    }

    /** All apps. */
    List<App> apps() {
        return dispatcher == null ? apps(List.of(), List.of()) : apps(dispatcher.handlers(), dispatcher.parked());
    }

    private List<App> apps(List<HandlerStatus> handlers, List<ParkedStatus> parked) {
        List<AppBundle> bundles = bundles();
        Set<Long> declared = bundles.stream()
                .filter(AppBundle::isDeclared)
                .map(AppBundle::id)
                .collect(Collectors.toSet());
        return AppsView.apps(bundles, handlers, parked, missing(declared));
    }

    /** Of apps, and of whoever else would have a handler. What is not enabled is meant to be so. */
    private List<AbsentComponent> missing(Set<Long> apps) {
        return dispatcher == null
                ? List.of()
                : dispatcher.absentComponents().stream()
                        .filter(each -> each.isHandler() || apps.contains(each.bundleId()))
                        .filter(each -> each.cause() != AbsentComponent.Cause.DISABLED)
                        .toList();
    }

    /** All that a status tells of. */
    Attention.Seen seen() {
        List<HandlerStatus> handlers = dispatcher == null ? List.of() : dispatcher.handlers();
        List<ParkedStatus> parked = dispatcher == null ? List.of() : dispatcher.parked();
        BridgeStatus status = bridge == null ? null : bridge.status();
        return new Attention.Seen(
                status,
                status == null || status.transport().isEmpty() ? List.of() : connections(),
                dispatcher == null ? null : dispatcher.isRunning(),
                apps(handlers, parked),
                handlers,
                dispatcher == null ? List.of() : dispatcher.slow(),
                parked);
    }

    /** A bus that does not answer must not hide the rest. */
    private List<ConnectionStatus> connections() {
        try {
            return bridge.connections();
        } catch (IllegalStateException noAnswer) {
            return List.of();
        }
    }

    /** What runs here. */
    StatusView.Runtime runtime() {
        Instant now = Instant.now();
        Duration up = ProcessHandle.current()
                .info()
                .startInstant()
                .filter(start -> start.isBefore(now))
                .map(start -> Duration.between(start, now))
                .orElse(Duration.ZERO);
        return new StatusView.Runtime(context.getBundle().getVersion().toString(), up);
    }

    private List<AppBundle> bundles() {
        List<AppBundle> bundles = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            bundles.add(new AppBundle(
                    bundle.getBundleId(),
                    String.valueOf(bundle.getSymbolicName()), // a bundle of old has none
                    bundle.getVersion().toString(),
                    AppMark.name(bundle),
                    AppMark.isOn(bundle),
                    state(bundle.getState())));
        }
        return bundles;
    }

    private static String state(int state) {
        return switch (state) {
            case Bundle.INSTALLED -> "installed"; // and not resolved
            case Bundle.RESOLVED -> "resolved"; // and not started
            case Bundle.STARTING -> "starting";
            case Bundle.ACTIVE -> "active";
            case Bundle.STOPPING -> "stopping";
            default -> "uninstalled";
        };
    }
}
