// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.stream.Collectors;

import org.apache.felix.service.command.Descriptor;
import org.callosum.api.Printable;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code quarantine} and {@code release}: hold a handler back, and end that. */
@Component(
        service = QuarantineCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=quarantine", "osgi.command.function=release"})
public final class QuarantineCommand extends Command {
    private final Dispatcher dispatcher;

    /**
     * Asks this.
     *
     * @param dispatcher {@code null} if there is none
     */
    @Activate
    public QuarantineCommand(
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /**
     * {@code quarantine <handler>}.
     *
     * @throws IllegalArgumentException if there is no such handler, or there are several
     * @throws IllegalStateException if it cannot be held back now
     */
    @Descriptor(
            "Has a handler called no more from the next event on: its events are parked, within the limits of parking,"
                    + " until 'release' ends it. It is not tried meanwhile, as one is that hung. A new version of its app and a"
                    + " restart end it, too. What runs of it runs on.")
    public void quarantine(@Descriptor("its service id or its name, as 'handlers' shows them") CharSequence... which) {
        String wanted = Usage.QUARANTINE.required("handler", which);
        Dispatcher asked = Required.dispatcher(dispatcher);
        HandlerStatus handler = only(wanted, asked.handlers());
        asked.quarantine(handler.serviceId());
        System.out.println(HandlersView.name(handler.app()) + "/" + HandlersView.name(handler.name())
                + " is in quarantine: its events are parked until 'release " + handler.serviceId() + "'.");
    }

    /**
     * {@code release <handler>}.
     *
     * @throws IllegalArgumentException if there is no such handler, or there are several
     * @throws IllegalStateException if it is in no quarantine
     */
    @Descriptor("Ends the quarantine of a handler: what was parked for it is handed over.")
    public void release(@Descriptor("its service id or its name, as 'handlers' shows them") CharSequence... which) {
        String wanted = Usage.RELEASE.required("handler", which);
        Dispatcher asked = Required.dispatcher(dispatcher);
        asked.release(only(wanted, asked.handlers()).serviceId());
        System.out.println("Released.");
    }

    private static HandlerStatus only(String which, List<HandlerStatus> handlers) {
        List<HandlerStatus> found = handlers.stream()
                .filter(each -> which.equals(Long.toString(each.serviceId()))
                        || which.equals(each.name())
                        || which.equals(each.app() + "/" + each.name()))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("There is no handler " + Printable.quoted(which)
                    + ": give the service id or the name of one that 'handlers' lists");
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException("There are " + found.size() + " handlers " + Printable.quoted(which)
                    + ": give the service id, one of "
                    + found.stream()
                            .map(each -> Long.toString(each.serviceId()))
                            .collect(Collectors.joining(", ")));
        }
        return found.get(0);
    }
}
