// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Arrays;
import java.util.List;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.api.Message;
import org.callosum.console.MessageWords;
import org.callosum.core.AppMark;
import org.callosum.core.Dispatcher;
import org.callosum.core.Explanation;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code explain}: why a handler is called, or is not. */
@Component(
        service = ExplainCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=explain"})
public final class ExplainCommand extends Command {
    private final BundleContext context;
    private final Dispatcher dispatcher;

    /**
     * Asks this.
     *
     * @param dispatcher {@code null} if there is none
     */
    @Activate
    public ExplainCommand(
            BundleContext context,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher) {
        this.context = context;
        this.dispatcher = dispatcher;
    }

    /**
     * {@code explain [-a] [--json] <tract> <event> [key=value …]}.
     *
     * @throws IllegalArgumentException if the words are no event
     * @throws IllegalStateException if there is nobody to ask
     */
    @Descriptor(
            "Shows which handlers would get an event, in which order, and why others would not although they are near:"
                    + " their names differ a little, their filter does not let it through, they are in quarantine, parked or badly"
                    + " registered, or their component is not satisfied, with the reference that it lacks. Nothing is sent: explain"
                    + " <tract> <event> [key=value ...], with the fields that filters ask for.")
    public void explain(
            CommandSession session,
            @Descriptor("show all other handlers, too, however different their names are")
                    @Parameter(
                            names = {"-a", "--all"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean withAll,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json,
            @Descriptor("tract, event and fields, as for 'send'") CharSequence... typed) {
        List<String> words = Usage.EXPLAIN.all(typed);
        if (words.isEmpty()) {
            throw Usage.EXPLAIN.missing("event");
        }
        Message event = MessageWords.message(words);
        Explanation explanation = Required.dispatcher(dispatcher).explain(event);
        Screen screen = Screen.of(session);
        screen.show(
                json,
                () -> ExplainView.json(explanation, event, stopped()),
                () -> ExplainView.text(explanation, event, stopped(), withAll, screen));
    }

    /** The apps that do not run. */
    private List<String> stopped() {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> bundle.getState() != Bundle.ACTIVE && AppMark.isOn(bundle))
                .map(AppMark::name)
                .distinct()
                .sorted()
                .toList();
    }
}
