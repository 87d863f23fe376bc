// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.stream.Collectors;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.core.Health;
import org.callosum.core.HealthStatus;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The command that says whether the runtime does its work: to people, and by its failure to monitors. */
@Component(
        service = HealthCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=health"})
public final class HealthCommand extends Command {
    /** What is said when nobody is there to check. */
    private static final List<HealthStatus> NOBODY = List.of(
            new HealthStatus("core", HealthStatus.State.CRITICAL, "the bundle org.callosum.core is not running"));

    private final Health health;

    /**
     * Shows what this finds.
     *
     * @param health {@code null} if there is none
     */
    @Activate
    public HealthCommand(
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Health health) {
        this.health = health;
    }

    /**
     * {@code health [--json]}.
     *
     * @throws IllegalStateException if something is critical; it is shown before
     */
    @Descriptor(
            "Checks whether the runtime does its work: the bus is up, events are dispatched, none waits for too long,"
                    + " the handlers are well, and no app is away for long. Fails if a check is critical: then events are not"
                    + " handled, or not in time. A warning is no failure.")
    public void health(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json) {
        List<HealthStatus> checks = health == null ? NOBODY : health.check();
        Screen screen = Screen.of(session);
        screen.show(json, () -> HealthView.json(checks), () -> HealthView.text(checks, screen));
        List<HealthStatus> critical = checks.stream()
                .filter(check -> check.state() == HealthStatus.State.CRITICAL)
                .toList();
        if (!critical.isEmpty()) {
            throw new IllegalStateException(
                    "Critical: " + critical.stream().map(HealthStatus::check).collect(Collectors.joining(", ")));
        }
    }
}
