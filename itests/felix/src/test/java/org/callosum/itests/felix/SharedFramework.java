// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * One framework for the tests of a class. After each of them its apps are uninstalled, and nothing of them may be left: no
 * handler, no worker that hangs, no setting.
 */
final class SharedFramework implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private final Callable<TestFramework> maker;
    private TestFramework framework;

    /** One that the maker makes. */
    SharedFramework(Callable<TestFramework> maker) {
        this.maker = maker;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        framework = maker.call();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        framework.clear();
        probe().configureCore(Map.of());
        await("handlers and workers of the test's apps are gone").untilAsserted(() -> {
            assertThat(probe().handlers()).isEmpty();
            assertThat(probe().overruns()).isEmpty();
        });
        framework.clear();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (framework != null) {
            framework.close();
        }
    }

    TestFramework framework() {
        return framework;
    }

    Probe probe() {
        return framework.probe();
    }

    Bundle install(TestBundle app) throws Exception {
        return framework.install(app);
    }

    /** What handlers have recorded and was not taken yet. */
    List<String> calls() {
        List<String> taken = new ArrayList<>();
        framework.calls.drainTo(taken);
        return taken;
    }

    /** Takes what a handler recorded, and waits for it. */
    String nextCall() throws InterruptedException {
        String call = framework.calls.poll(TestFramework.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(call).as("what a handler recorded").isNotNull();
        return call;
    }

    /** Takes the next line of the log that holds a text, and waits for it. Those before it are forgotten. */
    String awaitLog(String text) throws InterruptedException {
        List<String> others = new ArrayList<>();
        while (true) {
            String line = framework.log.poll(TestFramework.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(line)
                    .as("a log line that holds '%s', after %s", text, others)
                    .isNotNull();
            if (line.contains(text)) {
                return line;
            }
            others.add(line);
        }
    }
}
