// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.util.Optional;

import org.junit.AssumptionViolatedException;
import org.junit.runner.Description;
import org.junit.runner.Runner;
import org.junit.runner.manipulation.Filter;
import org.junit.runner.manipulation.Filterable;
import org.junit.runner.manipulation.NoTestsRemainException;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunNotifier;
import org.junit.runners.model.InitializationError;
import org.ops4j.pax.exam.junit.PaxExam;

/**
 * Runs a class of tests in Karaf, or skips it, and says so, on a JDK that Karaf 4.4 does not run on: its start script and its
 * own bundles use the security manager, which JDK 24 has no more.
 */
public final class KarafRunner extends Runner implements Filterable {
    private static final int FIRST_UNSUPPORTED = 24;

    private final Class<?> tests;

    /** {@code null} on a JDK that Karaf does not run on. */
    private final PaxExam container;

    /** Called by JUnit. */
    public KarafRunner(Class<?> tests) throws InitializationError {
        this.tests = tests;
        container = reasonToSkip().isEmpty() ? new PaxExam(tests) : null;
    }

    /** Why tests in Karaf are skipped on this JDK; empty if they are not. */
    private static Optional<String> reasonToSkip() {
        int jdk = Runtime.version().feature();
        return jdk < FIRST_UNSUPPORTED
                ? Optional.empty()
                : Optional.of("Karaf 4.4 does not run on JDK " + jdk + ": its tests are skipped");
    }

    /** Skips the test that calls it, and says so, on a JDK that Karaf does not run on. */
    static void skipWhereKarafDoesNotRun() {
        reasonToSkip().ifPresent(reason -> {
            System.out.println(reason);
            throw new AssumptionViolatedException(reason);
        });
    }

    @Override
    public Description getDescription() {
        return container == null ? Description.createSuiteDescription(tests) : container.getDescription();
    }

    @Override
    public void run(RunNotifier notifier) {
        if (container != null) {
            container.run(notifier);
            return;
        }
        String reason = reasonToSkip().orElseThrow();
        System.out.println(reason);
        Description skipped = Description.createTestDescription(tests, "onThisJdk");
        notifier.fireTestStarted(skipped);
        notifier.fireTestAssumptionFailed(new Failure(skipped, new AssumptionViolatedException(reason)));
        notifier.fireTestFinished(skipped);
    }

    @Override
    public void filter(Filter filter) throws NoTestsRemainException {
        if (container != null) {
            container.filter(filter);
        }
    }
}
