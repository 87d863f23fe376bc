// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.bundles;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

import org.callosum.update.Dependent;
import org.callosum.update.Jar;
import org.callosum.update.JarContent;
import org.callosum.update.TestFramework;
import org.callosum.update.UnmetException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.startlevel.BundleStartLevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class FrameworkChangesTest {
    @TempDir
    Path folder;

    private TestFramework framework;
    private FrameworkChanges changes;
    private final List<String> events = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        framework = new TestFramework(folder);
        changes = new FrameworkChanges(framework.context(), Duration.ofSeconds(1));
    }

    @AfterEach
    void stop() throws Exception {
        framework.close();
    }

    @Test
    void whatHangsOnABundleIsNamedWithTheWireThatItHangsBy() throws Exception {
        Bundle lib = framework.install(
                lib("1.0.0").header("Provide-Capability", "test.ability").header("Export-Package", "lib,lib.more"));
        framework.install(Jar.bundle("user", "1.0.0")
                .header("Import-Package", "lib")
                .header("Export-Package", "user")
                .entry("user/a.txt", "a"));
        framework.install(Jar.bundle("requirer", "2.0.0").header("Require-Bundle", "lib"));
        framework.install(Jar.bundle("needy", "1.0.0").header("Require-Capability", "test.ability"));
        framework.install(Jar.bundle("far", "1.0.0").header("Import-Package", "user"));
        framework.install(Jar.bundle("bystander", "1.0.0"));

        assertThat(reasons(changes.dependents(lib)))
                .containsExactlyInAnyOrder(
                        "user 1.0.0 imports package 'lib' of 'lib'",
                        "requirer 2.0.0 requires bundle 'lib'",
                        "needy 1.0.0 requires capability 'test.ability' of 'lib'",
                        "far 1.0.0 imports package 'user' of 'user'")
                .last()
                .as("the nearest are first")
                .isEqualTo("far 1.0.0 imports package 'user' of 'user'");
    }

    @Test
    void aFragmentHangsOnItsHostAndTheHostIsRefreshedForIt() throws Exception {
        Bundle fragment = framework.install(Jar.bundle("fragment", "1.0.0").header("Fragment-Host", "host"));
        Bundle host = framework.install(Jar.bundle("host", "1.0.0"));

        assertThat(reasons(changes.dependents(host))).containsExactly("fragment 1.0.0 is a fragment of 'host'");
        assertThat(reasons(changes.dependents(fragment)))
                .containsExactly("host 1.0.0 is the host of fragment 'fragment'");
    }

    @Test
    void anUpdateStopsWhatHangsOnTheBundleAndNothingElse() throws Exception {
        Bundle lib = framework.install(lib("1.0.0"));
        framework.install(Jar.bundle("user", "1.0.0").header("Import-Package", "lib"));
        framework.install(Jar.bundle("bystander", "1.0.0"));
        framework.context().addBundleListener((SynchronousBundleListener) this::record);

        List<Dependent> refreshed = changes.update(lib, content(lib("1.1.0")));
        changes.start(lib);

        assertThat(reasons(refreshed)).containsExactly("user 1.0.0 imports package 'lib' of 'lib'");
        assertThat(events).containsExactly("lib stopped", "user stopped", "user started", "lib started");
    }

    @Test
    void aContentThatLacksSomethingIsRefusedAndTheLookLeavesNothing() throws Exception {
        Bundle app = framework.install(Jar.bundle("a", "1.0.0"));
        framework.context().addBundleListener((SynchronousBundleListener) this::record);

        assertThatThrownBy(() -> changes.requireMet(
                        content(Jar.bundle("a", "2.0.0").header("Import-Package", "nowhere;version=1")), app))
                .isInstanceOf(UnmetException.class)
                .hasMessageStartingWith("version 2.0.0 lacks what it requires: package 'nowhere' 1.0.0 or later is"
                        + " exported by no bundle");

        assertThat(events).isEmpty();
        assertThat(framework.context().getBundles()).hasSize(2);
    }

    @Test
    void theSameVersionCanTakeItsOwnPlace() throws Exception {
        Bundle app = framework.install(Jar.bundle("a;singleton:=true", "1.0.0"));

        changes.update(app, content(Jar.bundle("a;singleton:=true", "1.0.0").entry("more.txt", "x")));
        changes.start(app);

        assertThat(app.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(app.getEntry("more.txt")).isNotNull();
    }

    @Test
    void whatHungOnAnUninstalledBundleIsToldAndStopped() throws Exception {
        Bundle lib = framework.install(lib("1.0.0"));
        Bundle user = framework.install(Jar.bundle("user", "1.0.0").header("Import-Package", "lib"));

        assertThat(reasons(changes.uninstall(lib))).containsExactly("user 1.0.0 imports package 'lib' of 'lib'");

        assertThat(user.getState()).isEqualTo(Bundle.INSTALLED);
        assertThat(changes.unmet(user)).singleElement().asString().startsWith("package 'lib' is exported by no bundle");
    }

    @Test
    void aBundleIsInstalledAtItsLevelAndNotStarted() throws Exception {
        Bundle app = changes.install("test:a", content(Jar.bundle("a", "1.0.0")), OptionalInt.of(7));

        assertThat(app.getState()).isEqualTo(Bundle.INSTALLED);
        assertThat(app.adapt(BundleStartLevel.class).getStartLevel()).isEqualTo(7);
    }

    private static Jar lib(String version) {
        return Jar.bundle("lib", version).header("Export-Package", "lib").entry("lib/a.txt", version);
    }

    private JarContent content(Jar jar) throws Exception {
        return JarContent.read(jar.writeTo(folder.resolve("next.jar")), folder.resolve("copy.jar"));
    }

    private static List<String> reasons(List<Dependent> dependents) {
        return dependents.stream()
                .map(each -> each.bundle().label() + " " + each.reason())
                .toList();
    }

    private void record(BundleEvent event) {
        if (event.getType() == BundleEvent.STARTED || event.getType() == BundleEvent.STOPPED) {
            events.add(event.getBundle().getSymbolicName()
                    + (event.getType() == BundleEvent.STARTED ? " started" : " stopped"));
        }
    }
}
