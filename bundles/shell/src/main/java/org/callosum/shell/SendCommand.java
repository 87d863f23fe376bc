// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.apache.felix.service.command.Descriptor;
import org.callosum.api.Callosum;
import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.console.MessageWords;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code send}: emits a message as an app would. */
@Component(
        service = SendCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=send"})
public final class SendCommand extends Command {
    private final Callosum callosum;

    /**
     * Emits through this.
     *
     * @param callosum {@code null} if there is none
     */
    @Activate
    public SendCommand(
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Callosum callosum) {
        this.callosum = callosum;
    }

    /**
     * {@code send <tract> <event> [key=value …]}, {@code send '<json>'}.
     *
     * @throws IllegalArgumentException if the words are no message
     * @throws IllegalStateException if there is no bus to send to
     * @throws EmitRefusedException if nothing can keep the message
     */
    @Descriptor("Sends a message to the bus: send <tract> <event> [key=value ...], or send '<JSON object>'. A value"
            + " that can be read as JSON is that value, any other a string.")
    public void send(
            @Descriptor("tract, event and fields, or one JSON object in single quotes") CharSequence... typed) {
        List<String> words = Usage.SEND.all(typed);
        if (words.isEmpty()) {
            throw Usage.SEND.error("Nothing to send: give a tract and an event, or a JSON object");
        }
        if (callosum == null) {
            throw new IllegalStateException("Nothing was sent: the bundle org.callosum.core is not running");
        }
        Emission emission = callosum.emit(MessageWords.message(words));
        System.out.println(
                emission == Emission.SENT ? "sent" : "queued: the bus is away, it is sent when that is back");
    }
}
