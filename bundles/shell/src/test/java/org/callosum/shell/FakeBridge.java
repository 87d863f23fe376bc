// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.TransportStatus;

/** A bridge with the connections of {@link ConnectionsViewTest}. */
record FakeBridge(Optional<TransportStatus> transport) implements Bridge {
    static final FakeBridge SERVED = new FakeBridge(Optional.of(new TransportStatus("server", "/s", true, Map.of())));

    @Override
    public BridgeStatus status() {
        return new BridgeStatus(true, transport, 0, 0, Duration.ZERO, 0, 0, Duration.ZERO, 0, 0, 0, 0, 0);
    }

    @Override
    public List<ConnectionStatus> connections() {
        return List.of(ConnectionsViewTest.LISTENER, ConnectionsViewTest.SENDER);
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return List.of(ConnectionsViewTest.CLOSED);
    }

    @Override
    public boolean disconnect(long id) {
        return connections().stream().anyMatch(each -> each.id() == id);
    }
}
