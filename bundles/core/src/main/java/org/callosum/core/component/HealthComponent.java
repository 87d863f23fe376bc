// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.core.Health;
import org.callosum.core.HealthStatus;
import org.callosum.core.health.HealthChecks;
import org.callosum.core.health.Limits;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/** Makes a service of {@link HealthChecks}, which is there without bus and dispatcher, too: to say that they are not. */
@Component(configurationPid = CoreConfig.PID)
public final class HealthComponent implements Health {
    private final Logger logger;
    private final HealthChecks checks;

    /** Checks of what is there. */
    @Activate
    public HealthComponent(
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Bridge bridge,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        this.logger = logger;
        checks = new HealthChecks(bridge, dispatcher, limits(configuration));
    }

    @Modified
    void modified(Map<String, Object> configuration) {
        checks.apply(limits(configuration));
    }

    @Override
    public List<HealthStatus> check() {
        return checks.check();
    }

    private Limits limits(Map<String, Object> configuration) {
        Numbers numbers = new Numbers(configuration, logger);
        return new Limits(
                Duration.ofMillis(
                        numbers.get("healthWarnMillis", Limits.DEFAULT.warn().toMillis(), 1, 86_400_000)),
                Duration.ofMillis(numbers.get(
                        "healthCriticalMillis", Limits.DEFAULT.critical().toMillis(), 1, 86_400_000)));
    }
}
