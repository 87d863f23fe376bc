// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.callosum.api.Printable;
import org.callosum.core.Health;
import org.callosum.core.HealthStatus;

/** One of the core's checks as a Felix Health Check. Loaded only when somebody asks for it. Any thread. */
final class FelixCheck implements HealthCheck {
    private static final int MAX_TEXT = 500;

    private final Health health;
    private final String name;

    FelixCheck(Health health, String name) {
        this.health = health;
        this.name = name;
    }

    @Override
    public Result execute() {
        return health.check().stream()
                .filter(check -> check.check().equals(name))
                .map(check -> new Result(status(check.state()), Printable.of(check.text(), MAX_TEXT)))
                .findAny()
                .orElseGet(() -> new Result(Result.Status.HEALTH_CHECK_ERROR, "There is no check '" + name + "'"));
    }

    private static Result.Status status(HealthStatus.State state) {
        return switch (state) {
            case OK -> Result.Status.OK;
            case WARN -> Result.Status.WARN;
            case CRITICAL -> Result.Status.CRITICAL;
        };
    }
}
