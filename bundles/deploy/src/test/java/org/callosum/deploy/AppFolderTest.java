// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.apache.felix.framework.FrameworkFactory;
import org.callosum.journal.RecordingLogger;
import org.callosum.update.Jar;
import org.callosum.update.JarContent;
import org.callosum.update.bundles.FrameworkChanges;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

import static org.assertj.core.api.Assertions.assertThat;

/** The rules of the folder, in a framework of its own and without a file watcher. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class AppFolderTest {
    @TempDir
    Path folder;

    private Path jars;
    private Framework framework;
    private RecordingLogger log;
    private AppFolder apps;
    private final List<String> events = new ArrayList<>();

    /** What waits for an app that stops. */
    private final BlockingQueue<Runnable> later = new LinkedBlockingQueue<>();

    private final Semaphore stops = new Semaphore(0);

    @BeforeEach
    void start() throws Exception {
        System.clearProperty(Failing.STARTS);
        System.getProperties().put(Lingering.PERMITS, stops);
        jars = Files.createDirectories(folder.resolve("apps"));
        framework = new FrameworkFactory()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        folder.resolve("cache").toString(),
                        Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
                        Integer.toString(AppBundles.START_LEVEL),
                        Constants.FRAMEWORK_BSNVERSION,
                        Constants.FRAMEWORK_BSNVERSION_MULTIPLE,
                        "felix.log.level",
                        "0",
                        "test.failures",
                        "1"));
        framework.start();
        log = new RecordingLogger();
        apps = folder(log);
        framework.getBundleContext().addBundleListener((SynchronousBundleListener) this::record);
    }

    @AfterEach
    void stop() throws Exception {
        stops.release(Integer.MAX_VALUE / 2);
        framework.stop();
        framework.waitForStop(10_000);
        System.getProperties().remove(Lingering.PERMITS);
    }

    @Test
    void aJarThatComesIsStartedOnce() throws Exception {
        change(Jar.bundle("a", "1.0.0"), "a.jar");

        assertThat(state("a")).isEqualTo(Bundle.ACTIVE);
        assertThat(events).containsExactly("a started");
        assertThat(log.lines())
                .containsExactly(
                        "INFO 'a.jar' is installed: a 1.0.0" + " [jar=a.jar app=a bundle=a bundle_id=1 version=1.0.0]");
    }

    @Test
    void anAppIsInstalledAtItsStartLevelAndNobodyElseIs() throws Exception {
        var levels = framework.adapt(FrameworkStartLevel.class);
        int initial = levels.getInitialBundleStartLevel();

        change(Jar.bundle("a", "1.0.0"), "a.jar");

        assertThat(bundle("a").orElseThrow().adapt(BundleStartLevel.class).getStartLevel())
                .isEqualTo(AppBundles.START_LEVEL);
        assertThat(levels.getInitialBundleStartLevel()).isEqualTo(initial);
    }

    @Test
    void anUpdatedAppIsStoppedAndStartedOnce() throws Exception {
        change(Jar.bundle("a", "1.0.0"), "a.jar");
        events.clear();

        change(Jar.bundle("a", "1.1.0"), "a.jar");

        assertThat(events).containsExactly("a stopped", "a updated", "a started");
        assertThat(bundle("a"))
                .get()
                .extracting(each -> each.getVersion().toString())
                .isEqualTo("1.1.0");
    }

    @Test
    void thoseThatHangOnAnUpdatedAppGetItsNewVersionAndNobodyElseIsTouched() throws Exception {
        change(Jar.bundle("lib", "1.0.0").header("Export-Package", "lib").entry("lib/a.txt", "a"), "lib.jar");
        change(Jar.bundle("user", "1.0.0").header("Import-Package", "lib"), "user.jar");
        change(Jar.bundle("bystander", "1.0.0"), "bystander.jar");
        events.clear();

        change(Jar.bundle("lib", "1.1.0").header("Export-Package", "lib").entry("lib/a.txt", "b"), "lib.jar");

        try (var text = bundle("user").orElseThrow().getResource("lib/a.txt").openStream()) {
            assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("b");
        }
        assertThat(events.stream().filter(event -> event.endsWith("started")))
                .containsExactlyInAnyOrder("lib started", "user started");
        assertThat(events).noneMatch(event -> event.startsWith("bystander"));
    }

    @Test
    void anUnchangedJarIsNotEvenUpdatedAfterARestart() throws Exception {
        change(Jar.bundle("a", "1.0.0"), "a.jar");
        events.clear();

        apps = folder(log);
        apps.changed(jars.resolve("a.jar"));
        Jar.touch(jars.resolve("a.jar"));
        apps.changed(jars.resolve("a.jar"));

        assertThat(events).isEmpty();
    }

    @Test
    void aNewVersionThatLacksSomethingIsNotTakenAndLeavesNothingBehind() throws Exception {
        change(Jar.bundle("a", "1.0.0"), "a.jar");
        events.clear();

        change(Jar.bundle("a", "2.0.0").header("Import-Package", "nowhere;version=\"[1,2)\""), "a.jar");

        assertThat(events).isEmpty();
        assertThat(framework.getBundleContext().getBundles()).hasSize(2);
        assertThat(log.warnings())
                .singleElement()
                .asString()
                .startsWith("WARN 'a.jar' is not taken: version 2.0.0 lacks what it requires: package 'nowhere'"
                        + " [1.0.0,2.0.0) is exported by no bundle")
                .contains(
                        "; a 1.0.0 runs on [jar=a.jar app=a bundle=a bundle_id=1 version=1.0.0 reason=\"version 2.0.0 lacks ");
    }

    @Test
    void aNewVersionThatNeedsWhatOnlyTheOldOneHasIsNotTaken() throws Exception {
        change(Jar.bundle("a", "1.0.0").header("Export-Package", "own").entry("own/a.txt", "a"), "a.jar");

        change(Jar.bundle("a", "2.0.0").header("Import-Package", "own"), "a.jar");

        assertThat(state("a")).isEqualTo(Bundle.ACTIVE);
        assertThat(log.warnings()).singleElement().asString().contains("package 'own'");
    }

    @Test
    void whatAProviderLacksIsNamedThroughTheOneThatNeedsIt() throws Exception {
        change(Jar.bundle("b", "1.0.0").header("Export-Package", "b").header("Import-Package", "nowhere"), "b.jar");

        change(Jar.bundle("a", "1.0.0").header("Import-Package", "b"), "a.jar");

        assertThat(log.warnings())
                .anyMatch(line -> line.contains("'a.jar' (a 1.0.0) does not run: package 'b' cannot be had:"
                        + " 'b', which has it, does not resolve itself: package 'nowhere'"));
    }

    @Test
    void anActivatorThatThrewIsTriedAgainWhenTheJarIsTouchedAndNotBefore() throws Exception {
        change(Jar.bundle("a", "1.0.0").activator(Failing.class), "a.jar");
        change(Jar.bundle("b", "1.0.0"), "b.jar");
        assertThat(System.getProperty(Failing.STARTS)).as("starts").isEqualTo("1");

        apps.changed(Jar.touch(jars.resolve("a.jar")));
        apps.settle(true);

        assertThat(state("a")).isEqualTo(Bundle.ACTIVE);
        assertThat(log.warnings())
                .containsExactly("WARN 'a.jar' (a 1.0.0) does not run: its activator threw"
                        + " java.lang.IllegalStateException: failure 1 [jar=a.jar app=a bundle=a bundle_id=1"
                        + " version=1.0.0 reason=\"its activator threw java.lang.IllegalStateException: failure 1\"]");
        assertThat(log.lines())
                .endsWith("INFO 'a.jar' runs: a 1.0.0 [jar=a.jar app=a bundle=a bundle_id=1 version=1.0.0]");
    }

    @Test
    void anActivatorThatHangsIsInterruptedAndHoldsUpNobody() throws Exception {
        change(Jar.bundle("a", "1.0.0").activator(Hanging.class), "a.jar");

        change(Jar.bundle("b", "1.0.0"), "b.jar");

        assertThat(state("b")).isEqualTo(Bundle.ACTIVE);
        assertThat(log.warnings())
                .singleElement()
                .asString()
                .contains(
                        "'a.jar' (a 1.0.0) does not run: its activator did not return within 1 s and was interrupted");
    }

    @Test
    void anAppThatDoesNotStopAtOnceIsWaitedForByNobodyButItsOwnNewVersion() throws Exception {
        change(Jar.bundle("a", "1.0.0").activator(Lingering.class), "a.jar");
        change(Jar.bundle("b", "1.0.0"), "b.jar");
        change(Jar.bundle("a", "1.1.0"), "a.jar");

        change(Jar.bundle("b", "1.1.0"), "b.jar");
        change(Jar.bundle("a", "1.2.0"), "a.jar");

        assertThat(version("b")).isEqualTo("1.1.0");
        assertThat(version("a")).isEqualTo("1.0.0");
        assertThat(log.warnings())
                .containsExactly(
                        "WARN 'a.jar' is not taken: a 1.0.0 stops, and waits for what it runs up to its time limit:"
                                + " it is taken when that has ended [jar=a.jar app=a bundle=a bundle_id=1 version=1.0.0"
                                + " reason=\"a 1.0.0 stops, and waits for what it runs up to its time limit:"
                                + " it is taken when that has ended\"]");
        events.clear();

        stops.release();
        followLater();

        assertThat(version("a")).isEqualTo("1.2.0");
        assertThat(state("a")).isEqualTo(Bundle.ACTIVE);
        assertThat(events).containsExactly("a stopped", "a updated", "a started");
        assertThat(log.lines())
                .endsWith("INFO 'a.jar' runs: a 1.2.0 [jar=a.jar app=a bundle=a bundle_id=1 version=1.2.0]");
        assertThat(later).isEmpty();
    }

    @Test
    void anAppThatHasStoppedLateIsNotStartedBeforeItsNewVersionIsThere() throws Exception {
        change(Jar.bundle("a", "1.0.0").activator(Lingering.class), "a.jar");
        change(Jar.bundle("a", "1.1.0"), "a.jar");
        events.clear();
        stops.release();
        Runnable update = later.take();

        apps.settle(true);
        update.run();

        assertThat(events).containsExactly("a stopped", "a updated", "a started");
        assertThat(version("a")).isEqualTo("1.1.0");
    }

    @Test
    void anAppThatHasStoppedLateGoesOnWhenItsNewVersionHasBecomeUseless() throws Exception {
        change(Jar.bundle("a", "1.0.0").activator(Lingering.class), "a.jar");
        change(Jar.bundle("a", "1.1.0"), "a.jar");
        Files.writeString(jars.resolve("a.jar"), "no jar");

        stops.release();
        followLater();

        assertThat(version("a")).isEqualTo("1.0.0");
        assertThat(state("a")).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void anAppWhoseJarIsGoneIsUninstalledWhenItHasStoppedAndIsANewOneIfTheJarIsBackByThen() throws Exception {
        Path jar = jars.resolve("a.jar");
        change(Jar.bundle("a", "1.0.0").activator(Lingering.class), "a.jar");
        Bundle first = bundle("a").orElseThrow();
        Files.delete(jar);
        apps.removed(jar);
        assertThat(first.getState()).isEqualTo(Bundle.STOPPING);
        change(Jar.bundle("a", "1.0.0"), "a.jar");

        stops.release();
        followLater();

        assertThat(first.getState()).isEqualTo(Bundle.UNINSTALLED);
        assertThat(bundle("a")).get().isNotSameAs(first);
        assertThat(state("a")).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void anAppWhoseJarGoesWhileItStopsForANewVersionIsUninstalled() throws Exception {
        Path jar = jars.resolve("a.jar");
        change(Jar.bundle("a", "1.0.0").activator(Lingering.class), "a.jar");
        change(Jar.bundle("a", "1.1.0"), "a.jar");
        Files.delete(jar);
        apps.removed(jar);

        stops.release();
        followLater();

        assertThat(bundle("a")).isEmpty();
        assertThat(later).isEmpty();
    }

    @Test
    void anAppWhoseJarIsGoneForGoodIsUninstalledWhenItHasStopped() throws Exception {
        Path jar = jars.resolve("a.jar");
        change(Jar.bundle("a", "1.0.0").activator(Lingering.class), "a.jar");
        Files.delete(jar);
        apps.removed(jar);

        stops.release();
        followLater();

        assertThat(bundle("a")).isEmpty();
        assertThat(log.warnings()).isEmpty();
    }

    @Test
    void aFragmentIsAttachedToItsHostAndNotStarted() throws Exception {
        change(Jar.bundle("host", "1.0.0"), "host.jar");

        change(Jar.bundle("fragment", "1.0.0").header("Fragment-Host", "host").entry("extra.txt", "x"), "fragment.jar");

        assertThat(bundle("host").orElseThrow().getResource("extra.txt")).isNotNull();
        assertThat(state("host")).isEqualTo(Bundle.ACTIVE);
        change(Jar.bundle("fragment", "1.1.0").header("Fragment-Host", "host").entry("more.txt", "x"), "fragment.jar");
        assertThat(bundle("host").orElseThrow().getResource("more.txt")).isNotNull();
        assertThat(log.warnings()).isEmpty();
    }

    @Test
    void aSingletonIsUpdatedLikeAnyOther() throws Exception {
        change(Jar.bundle("a;singleton:=true", "1.0.0"), "a.jar");

        change(Jar.bundle("a;singleton:=true", "1.1.0"), "a.jar");

        assertThat(bundle("a"))
                .get()
                .extracting(each -> each.getVersion().toString())
                .isEqualTo("1.1.0");
        assertThat(state("a")).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void aRenamedJarMovesTheApp() throws Exception {
        change(Jar.bundle("a", "1.0.0"), "old.jar");
        Files.move(jars.resolve("old.jar"), jars.resolve("new.jar"));

        apps.removed(jars.resolve("old.jar"));
        apps.changed(jars.resolve("new.jar"));
        apps.settle(true);

        assertThat(bundle("a")).get().extracting(Bundle::getLocation).asString().endsWith("/new.jar");
        assertThat(log.warnings()).isEmpty();
    }

    @Test
    void aJarThatStaysPartialIsWarnedOfOnce() throws Exception {
        byte[] whole = Jar.bundle("a", "1.0.0").bytes();
        apps.changed(Jar.write(jars.resolve("a.jar"), Arrays.copyOf(whole, whole.length / 2)));

        apps.settle(true);
        assertThat(log.warnings()).isEmpty();
        apps.settle(false);
        apps.settle(false);

        assertThat(apps.hasPartial()).isTrue();
        assertThat(log.warnings())
                .singleElement()
                .asString()
                .contains("'a.jar' is still not whole", "copy it again [jar=a.jar reason=");
    }

    @Test
    void whatAnOperatorPutsIntoTheAppsPlaceIsItsJarFromThenOn() throws Exception {
        change(Jar.bundle("a", "1.0.0"), "a.jar");
        JarContent next =
                JarContent.read(Jar.bundle("a", "1.1.0").writeTo(folder.resolve("next")), folder.resolve("copy"));
        Bundle app = bundle("a").orElseThrow();
        var changes = new FrameworkChanges(framework.getBundleContext(), Duration.ofSeconds(1));
        changes.update(app, next);
        changes.start(app);
        events.clear();

        apps.keep(app, next);

        assertThat(jars.resolve("a.jar")).hasSameBinaryContentAs(folder.resolve("next"));
        assertThat(jars).isDirectoryNotContaining("glob:**.new");
        apps.changed(jars.resolve("a.jar")); // as File Install says next
        apps.settle(true);
        assertThat(events).as("it is not updated once more").isEmpty();
    }

    @Test
    void anAppThatAnOperatorRemovesLosesItsJar() throws Exception {
        change(Jar.bundle("a", "1.0.0"), "a.jar");
        Bundle app = bundle("a").orElseThrow();
        app.uninstall();

        apps.drop(app);

        assertThat(jars).isEmptyDirectory();
        apps.removed(jars.resolve("a.jar")); // as File Install says next
        change(Jar.bundle("a", "1.0.0"), "a.jar");
        assertThat(state("a")).as("put there again it is an app again").isEqualTo(Bundle.ACTIVE);
        assertThat(log.warnings()).isEmpty();
    }

    @Test
    void whatIsRefreshedAlongWithAnAppIsLoggedWithTheReason() throws Exception {
        change(Jar.bundle("lib", "1.0.0").header("Export-Package", "lib").entry("lib/a.txt", "a"), "lib.jar");
        change(Jar.bundle("user", "1.0.0").header("Import-Package", "lib"), "user.jar");

        change(Jar.bundle("lib", "1.1.0").header("Export-Package", "lib").entry("lib/a.txt", "b"), "lib.jar");

        assertThat(log.lines())
                .contains("INFO 'lib.jar' is updated: lib 1.0.0 to lib 1.1.0; refreshed: user 1.0.0, which imports"
                        + " package 'lib' of 'lib' [jar=lib.jar app=lib bundle=lib bundle_id=1 version=1.1.0"
                        + " version_before=1.0.0]");
    }

    @Test
    void whatAKilledProcessLeftOfALookIsRemoved() throws Exception {
        BundleContext context = framework.getBundleContext();
        context.installBundle(
                "callosum-probe:file:/a.jar",
                new java.io.ByteArrayInputStream(Jar.bundle("a", "1.0.0").bytes()));

        new FrameworkChanges(context, Duration.ofSeconds(1)).clearProbes();

        assertThat(context.getBundles()).hasSize(1);
    }

    private AppFolder folder(RecordingLogger logger) {
        return new AppFolder(
                new AppBundles(
                        framework.getBundleContext(),
                        jars,
                        false,
                        new FrameworkChanges(framework.getBundleContext(), Duration.ofSeconds(1))),
                new Components(noComponents()),
                new TakenJars(folder.resolve("taken.properties")),
                folder.resolve("incoming.jar"),
                later::add,
                logger.logger());
    }

    /** Does what waited for an app that has been let go. */
    private void followLater() throws InterruptedException {
        later.take().run();
        apps.settle(true);
    }

    private String version(String symbolicName) {
        return bundle(symbolicName).orElseThrow().getVersion().toString();
    }

    private void change(Jar jar, String name) throws IOException {
        apps.changed(jar.writeTo(jars.resolve(name)));
        apps.settle(true);
    }

    private void record(BundleEvent event) {
        String what =
                switch (event.getType()) {
                    case BundleEvent.STARTED -> "started";
                    case BundleEvent.STOPPED -> "stopped";
                    case BundleEvent.UPDATED -> "updated";
                    default -> null;
                };
        if (what != null) {
            synchronized (events) {
                events.add(event.getBundle().getSymbolicName() + " " + what);
            }
        }
    }

    private Optional<Bundle> bundle(String symbolicName) {
        return Arrays.stream(framework.getBundleContext().getBundles())
                .filter(each -> symbolicName.equals(each.getSymbolicName()))
                .findFirst();
    }

    private int state(String symbolicName) {
        return bundle(symbolicName).orElseThrow().getState();
    }

    private static ServiceComponentRuntime noComponents() {
        return (ServiceComponentRuntime) Proxy.newProxyInstance(
                AppFolderTest.class.getClassLoader(),
                new Class<?>[] {ServiceComponentRuntime.class},
                (proxy, method, arguments) -> List.of());
    }
}
