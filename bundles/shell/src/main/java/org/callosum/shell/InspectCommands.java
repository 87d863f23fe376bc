// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.List;

import org.apache.felix.service.command.Descriptor;
import org.callosum.api.Printable;
import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.shell.AppsView.AppBundle;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * The commands that show how the runtime stands. They print to {@code System.out}, which is the session's console or the
 * next command of a pipe: Gogo sees to it.
 */
@Component(
        service = InspectCommands.class,
        property = {
            "osgi.command.scope=callosum",
            "osgi.command.function=handlers",
            "osgi.command.function=apps",
            "osgi.command.function=handler",
            "osgi.command.function=running",
            "osgi.command.function=blame",
            "osgi.command.function=release",
            "osgi.command.function=status"
        })
public final class InspectCommands {
    private static final String APP_HEADER = "Callosum-App";
    private static final String NO_DISPATCHER =
            "There is no dispatcher: the bundle org.callosum.core is not running.\n";

    private final BundleContext context;
    private final Dispatcher dispatcher;
    private final Bridge bridge;

    /**
     * Shows these.
     *
     * @param dispatcher {@code null} if there is none
     * @param bridge {@code null} if there is none
     */
    @Activate
    public InspectCommands(
            BundleContext context,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Bridge bridge) {
        this.context = context;
        this.dispatcher = dispatcher;
        this.bridge = bridge;
    }

    /** {@code handlers}. */
    @Descriptor("Shows all handlers: what they listen to, how they stand, how often they were invoked, failed and"
            + " timed out, their own filters and time limits, and what is wrong with those that are not well.")
    public void handlers() {
        System.out.print(dispatcher == null ? NO_DISPATCHER : HandlersView.text(dispatcher.handlers()));
    }

    /** {@code handler}. */
    @Descriptor("Shows one handler: its numbers, how long its invocations took, and where it was when it last overran.")
    public void handler(
            @Descriptor("its service id, as 'handlers' shows it among the problems, or its name") String which) {
        if (dispatcher == null) {
            System.out.print(NO_DISPATCHER);
            return;
        }
        List<HandlerStatus> found = dispatcher.handlers().stream()
                .filter(each -> which.equals(each.name()) || which.equals(Long.toString(each.serviceId())))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("There is no handler " + Printable.quoted(which)
                    + ": give the service id or the name of one that 'handlers' lists");
        }
        System.out.print(HandlersView.text(found));
        found.forEach(each -> System.out.print(HandlersView.times(each)));
    }

    /** {@code running}. */
    @Descriptor("Shows the invocations that have run for more than a moment and still run, with their stacks.")
    public void running() {
        System.out.print(dispatcher == null ? NO_DISPATCHER : RunningView.stacks(dispatcher.slow()));
    }

    /** {@code blame}. */
    @Descriptor("Shows who held events up: apps and handlers by the delay that they caused, and the longest waits.")
    public void blame() {
        System.out.print(
                dispatcher == null ? NO_DISPATCHER : BlameView.text(dispatcher.handlers(), dispatcher.delays()));
    }

    /** {@code release}. */
    @Descriptor("Ends the quarantine of a handler: what was parked for it is handed over.")
    public void release(@Descriptor("its service id, as 'handlers' shows it among the problems") long serviceId) {
        if (dispatcher == null) {
            System.out.print(NO_DISPATCHER);
            return;
        }
        dispatcher.release(serviceId);
        System.out.println("Released.");
    }

    /** {@code apps}. */
    @Descriptor("Shows all apps: their bundles and the sums of their handlers' numbers.")
    public void apps() {
        if (dispatcher == null) {
            System.out.print(NO_DISPATCHER);
        }
        System.out.print(AppsView.text(bundles(), dispatcher == null ? List.of() : dispatcher.handlers()));
    }

    /** {@code status}. */
    @Descriptor("Shows how the bus, the queue and the dispatcher stand, and which handlers take long.")
    public void status() {
        System.out.print(StatusView.text(bridge == null ? null : bridge.status(), dispatcher));
    }

    private List<AppBundle> bundles() {
        List<AppBundle> bundles = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            String header = bundle.getHeaders("").get(APP_HEADER);
            String name = String.valueOf(bundle.getSymbolicName()); // a bundle of old has none
            bundles.add(new AppBundle(
                    bundle.getBundleId(),
                    name,
                    bundle.getVersion().toString(),
                    header == null ? name : header,
                    header != null,
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
