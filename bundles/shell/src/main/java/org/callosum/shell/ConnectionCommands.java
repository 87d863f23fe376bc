// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Instant;
import java.util.List;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.api.Printable;
import org.callosum.core.Bridge;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The commands about those who are connected to the bus. */
@Component(
        service = ConnectionCommands.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=clients", "osgi.command.function=disconnect"})
public final class ConnectionCommands extends Command {
    private final Bridge bridge;

    /**
     * Shows and closes the connections of its bus.
     *
     * @param bridge {@code null} if there is none
     */
    @Activate
    public ConnectionCommands(
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Bridge bridge) {
        this.bridge = bridge;
    }

    /**
     * {@code clients [-c] [--json]}.
     *
     * @throws IllegalStateException if there is nobody to ask
     */
    @Descriptor(
            "Shows who is connected to the bus: user, group and process, how the connection stands and for how long,"
                    + " what came from there (in) and what went there (out), what is held until its frame is whole, what was dropped, what waits to go out and"
                    + " how long the oldest of that has waited at most, and the tracts that it mostly sends, each with its share of"
                    + " the frames at least. On a bus that somebody else serves, the one connection to it.")
    public void clients(
            CommandSession session,
            @Descriptor("show the last closed connections, too, with the reason")
                    @Parameter(
                            names = {"-c", "--closed"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean withClosed,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json) {
        Bridge asked = Required.bridge(bridge);
        Required.present(asked.status().transport().orElse(null), "bus", "org.callosum.bus");
        Screen screen = Screen.of(session);
        Instant now = Instant.now();
        if (json) {
            screen.printJson(
                    ConnectionsView.json(asked.connections(), withClosed ? asked.closedConnections() : List.of()));
            return;
        }
        screen.print(ConnectionsView.open(asked.connections(), now, screen));
        if (withClosed) {
            screen.print("\n" + ConnectionsView.closed(asked.closedConnections(), now, screen));
        }
    }

    /**
     * {@code disconnect <number>}.
     *
     * @throws IllegalStateException if there is nobody to ask
     * @throws IllegalArgumentException if no connection has this number, or it is none
     */
    @Descriptor("Closes a connection to the bus: what waits for it is dropped, and nobody waits for it any more. Its"
            + " other end may connect again.")
    public void disconnect(@Descriptor("its number, as 'clients' shows it") CharSequence... number) {
        long id = id(Usage.DISCONNECT.required("connection", number));
        if (!Required.bridge(bridge).disconnect(id)) {
            throw new IllegalArgumentException(
                    "There is no connection " + id + ": give the number of one that 'clients' lists");
        }
        System.out.println("Disconnected.");
    }

    private static long id(String word) {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw Usage.DISCONNECT.error(
                    Printable.quoted(word) + " is no connection's number: give one that 'clients' lists");
        }
    }
}
