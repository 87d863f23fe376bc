// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.callosum.core.ParkedStatus.State;
import org.callosum.journal.RecordingLogger;
import org.callosum.update.BundleVersion;
import org.callosum.update.ContentKeeper;
import org.callosum.update.Dependent;
import org.callosum.update.Jar;
import org.callosum.update.JarContent;
import org.callosum.update.Leftover;
import org.callosum.update.TestFramework;
import org.callosum.update.UpdateException;
import org.callosum.update.UpdatePlan;
import org.callosum.update.UpdateReport;
import org.callosum.update.UpdateReport.Parked;
import org.callosum.update.bundles.FrameworkChanges;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleWiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

/** An operator's changes, in a framework of its own, with a core and a keeper of the test's. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UpdatesTest {
    @TempDir
    Path folder;

    private final FakeDispatcher core = new FakeDispatcher();
    private final RecordingLogger log = new RecordingLogger();
    private Optional<ContentKeeper> keeper = Optional.empty();
    private TestFramework framework;
    private Updates updates;

    @BeforeEach
    void start() throws Exception {
        framework = new TestFramework(folder);
        framework.install(
                Jar.bundle("api", "1.0.0").header("Export-Package", "api").entry("api/a.txt", "a"));
        Bundle own = framework.install(Jar.bundle("updater", "1.0.0").header("Import-Package", "api"));
        updates = updates(own.getBundleContext());
    }

    private Updates updates(BundleContext context) {
        return new Updates(
                context,
                new FrameworkChanges(context, Duration.ofSeconds(5)),
                () -> Optional.of(core.dispatcher()),
                () -> keeper,
                log.logger());
    }

    @AfterEach
    void stop() throws Exception {
        framework.close();
    }

    @Test
    void anAppIsInstalledFromAPathAndStarted() throws Exception {
        UpdateReport report = updates.install(jar(app("1.0.0")).toString());

        Bundle app = bundle("test.a");
        assertThat(report.before()).isEmpty();
        assertThat(report.after()).contains(new BundleVersion(app.getBundleId(), "a", "test.a", "1.0.0"));
        assertThat(report.runs()).isTrue();
        assertThat(report.problems()).isEmpty();
        assertThat(app.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(app.getLocation()).startsWith("file:");
        assertThat(log.lines())
                .containsExactly(
                        "INFO bundle " + app.getBundleId() + " (test.a 1.0.0) is installed [app=a bundle=test.a"
                                + " bundle_id=" + app.getBundleId() + " version=1.0.0]");
    }

    @Test
    void anUpdateTellsWhatWasAndWhatIsAndThatNothingIsLeft() throws Exception {
        Bundle app = framework.install(app("1.0.0"));
        core.before(FakeDispatcher.status(app.getBundleId(), State.DONE, Duration.ZERO));

        UpdateReport report =
                updates.update("a", Optional.of(jar(app("1.1.0")).toUri().toString()));

        assertThat(log.lines())
                .singleElement()
                .asString()
                .contains("(test.a 1.0.0) is updated to ", " [app=a bundle=test.a ")
                .endsWith(" version=1.1.0 version_before=1.0.0]");
        assertThat(report.before().orElseThrow().version()).isEqualTo("1.0.0");
        assertThat(report.after().orElseThrow().version()).isEqualTo("1.1.0");
        assertThat(report.runs()).isTrue();
        assertThat(report.parked())
                .singleElement()
                .extracting(Parked::handedOver)
                .isEqualTo(5L);
        assertThat(report.leftovers()).singleElement().satisfies(left -> {
            assertThat(left.bundle().label()).isEqualTo("test.a 1.0.0");
            assertThat(left.isCollected()).isTrue();
        });
        assertThat(report.search().hidden()).isEmpty();
    }

    @Test
    void whatHoldsTheOldVersionIsNamed() throws Exception {
        framework.install(app("1.0.0"));
        Thread thread = new Thread(() -> await(new CountDownLatch(1)), "held by nobody's will");
        thread.setContextClassLoader(loaderOf("test.a"));
        thread.start();

        UpdateReport report = updates.update("a", Optional.of(jar(app("1.1.0")).toString()));

        assertThat(report.leftovers()).singleElement().satisfies(left -> {
            assertThat(left.isCollected()).isFalse();
            assertThat(left.holders()).extracting(Leftover.Holder::thread).containsExactly("held by nobody's will");
        });
        thread.interrupt();
        thread.join();
    }

    @Test
    void withoutAPlaceTheAppComesFromWhereItWasInstalledFrom() throws Exception {
        Path jar = jar(app("1.0.0"));
        updates.install(jar.toString());
        app("1.1.0").writeTo(jar);

        assertThat(updates.update("test.a", Optional.empty())
                        .after()
                        .orElseThrow()
                        .version())
                .isEqualTo("1.1.0");
    }

    @Test
    void anAppThatAnOperatorStoppedStaysStopped() throws Exception {
        Bundle app = framework.install(app("1.0.0"));
        app.stop();

        UpdateReport report = updates.update(
                Long.toString(app.getBundleId()), Optional.of(jar(app("1.1.0")).toString()));

        assertThat(report.runs()).isFalse();
        assertThat(report.problems()).isEmpty();
        assertThat(app.getVersion()).hasToString("1.1.0");
    }

    @Test
    void aVersionThatLacksSomethingIsRefusedAndTheOldOneRunsOn() throws Exception {
        Bundle app = framework.install(app("1.0.0"));
        String place = jar(app("2.0.0").header("Import-Package", "nowhere")).toString();

        assertThatThrownBy(() -> updates.update("a", Optional.of(place)))
                .isInstanceOf(UpdateException.class)
                .hasMessageStartingWith("bundle " + app.getBundleId() + " (test.a 1.0.0) is not updated: version 2.0.0"
                        + " lacks what it requires: package 'nowhere' is exported by no bundle");

        assertThat(app.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(updates.planUpdate("a", Optional.of(place)).unmet()).hasSize(1);
    }

    @Test
    void anActivatorThatThrowsIsAProblemAndTheParkedEventsAreNotWaitedFor() throws Exception {
        Bundle app = framework.install(app("1.0.0"));
        core.parked(FakeDispatcher.status(app.getBundleId(), State.AWAY, Duration.ZERO));

        UpdateReport report = updates.update(
                "a", Optional.of(jar(app("1.1.0").activator(Throwing.class)).toString()));

        assertThat(report.runs()).isFalse();
        assertThat(report.problems())
                .containsExactly("it does not run: its activator threw java.lang.IllegalStateException: out of luck");
        assertThat(report.parked()).singleElement().extracting(Parked::isOver).isEqualTo(false);
        assertThat(log.warnings())
                .singleElement()
                .asString()
                .contains("(test.a 1.1.0) does not run: ", " [app=a bundle=test.a bundle_id=")
                .endsWith(
                        " version=1.1.0 reason=\"its activator threw java.lang.IllegalStateException: out of luck\"]");
    }

    @Test
    void whatHangsOnAnAppIsRefreshedWithItAndOnlyPlannedBefore() throws Exception {
        framework.install(app("1.0.0"));
        Bundle user = framework.install(Jar.bundle("user", "1.0.0").header("Import-Package", "a"));
        long started = user.getLastModified();
        Optional<String> place = Optional.of(jar(app("1.1.0")).toString());
        var dependent = new Dependent(BundleVersion.of(user), "imports package 'a' of 'test.a'");

        UpdatePlan plan = updates.planUpdate("a", place);

        assertThat(plan.before().version()).isEqualTo("1.0.0");
        assertThat(plan.after()).contains("1.1.0");
        assertThat(plan.refreshed()).containsExactly(dependent);
        assertThat(plan.unmet()).isEmpty();
        assertThat(bundle("test.a").getVersion()).hasToString("1.0.0");
        assertThat(user.getLastModified()).isEqualTo(started);
        assertThat(updates.planRemove("a").refreshed()).containsExactly(dependent);

        UpdateReport report = updates.update("a", place);

        assertThat(report.refreshed()).containsExactly(dependent);
        assertThat(report.leftovers())
                .extracting(left -> left.bundle().label(), Leftover::isCollected)
                .containsExactly(tuple("test.a 1.0.0", true), tuple("user 1.0.0", true));
        assertThat(user.getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void aRemovedAppIsGoneAndWhatCannotRunWithoutItIsNamed() throws Exception {
        framework.install(app("1.0.0"));
        framework.install(Jar.bundle("user", "1.0.0").header("Import-Package", "a"));

        UpdateReport report = updates.remove("a");

        assertThat(report.after()).isEmpty();
        assertThat(report.problems())
                .singleElement()
                .asString()
                .startsWith("user 1.0.0 does not run any more: package 'a' is exported by no bundle");
        assertThat(log.lines())
                .singleElement()
                .asString()
                .contains("(test.a 1.0.0) is removed [app=a bundle=test.a ")
                .endsWith(" version=1.0.0]");
        assertThat(report.leftovers()).extracting(Leftover::isCollected).containsOnly(true);
        assertThatThrownBy(() -> updates.remove("a")).hasMessageStartingWith("'a' is no app");
    }

    @Test
    void whoKeepsAppsIsToldOfEachChange() throws Exception {
        List<String> told = new ArrayList<>();
        keeper = Optional.of(new RecordingKeeper(told));

        updates.install(jar(app("1.0.0")).toString());
        assertThat(bundle("test.a").adapt(BundleStartLevel.class).getStartLevel())
                .isEqualTo(9);
        updates.update("a", Optional.of(jar(app("1.1.0")).toString()));
        UpdateReport removed = updates.remove("a");

        assertThat(told).containsExactly("keep test.a 1.0.0", "keep test.a 1.1.0", "drop test.a");
        assertThat(removed.problems()).singleElement().asString().contains("could not be removed", "disk on fire");
    }

    @Test
    void whatCannotBeMeantIsSaidSoWithWhatCan() throws Exception {
        framework.install(app("1.0.0"));
        Bundle twin = framework.install(Jar.bundle("test.b", "2.0.0").header("Callosum-App", "a"));

        assertRefused(() -> updates.remove("nix\n"), "'nix\\u000a' is no app", "there are a");
        assertRefused(
                () -> updates.remove("a"), "'a' is several bundles", "test.a 1.0.0", "test.b 2.0.0", "give the id");
        assertRefused(() -> updates.remove("api"), "is a part of the runtime that this command itself hangs on");
        assertRefused(() -> updates.remove("updater"), "is a part of the runtime");
        assertRefused(() -> updates.remove("0"), "is a part of the runtime");
        updates.remove(Long.toString(twin.getBundleId()));
    }

    @Test
    void aPlaceThatHoldsNoNewBundleIsSaidSoWithWhatDoes() throws Exception {
        Bundle app = framework.install(app("1.0.0"));
        String text = Files.writeString(folder.resolve("text.jar"), "no jar").toString();
        byte[] whole = app("1.1.0").bytes();
        Path half = Files.write(folder.resolve("half.jar"), Arrays.copyOf(whole, whole.length / 2));
        String other = jar(Jar.bundle("other", "1.0.0")).toString();

        assertRefused(() -> updates.install("foo:bar"), "'foo:bar' is no URL", "file:/home/me/app.jar");
        assertRefused(() -> updates.install("http:// /"), "is no URL");
        assertRefused(() -> updates.install(folder.resolve("nix.jar").toString()), "nix.jar' cannot be read");
        assertRefused(() -> updates.install(text), "text.jar' is not taken: it is no jar");
        assertRefused(() -> updates.install(half.toString()), "half.jar' is not whole", "again");
        assertRefused(() -> updates.update("a", Optional.of(other)), "bundle 'other', not 'test.a'");
        assertRefused(
                () -> updates.install(jar(app("1.1.0")).toString()),
                "'test.a' is installed already, as bundle " + app.getBundleId() + " (test.a 1.0.0)");
        assertThat(folder.resolve("cache")).isDirectoryNotContaining("glob:**incoming*.jar");
    }

    private static Jar app(String version) {
        return Jar.bundle("test.a", version)
                .header("Callosum-App", "a")
                .header("Export-Package", "a")
                .entry("a/a.txt", version);
    }

    private Path jar(Jar jar) throws IOException {
        return jar.writeTo(Files.createTempFile(folder, "app", ".jar"));
    }

    private Bundle bundle(String symbolicName) {
        for (Bundle bundle : framework.context().getBundles()) {
            if (symbolicName.equals(bundle.getSymbolicName())) {
                return bundle;
            }
        }
        throw new AssertionError("There is no bundle " + symbolicName);
    }

    private ClassLoader loaderOf(String symbolicName) {
        return bundle(symbolicName).adapt(BundleWiring.class).getClassLoader();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assertRefused(ThrowingCallable change, String... parts) {
        assertThatThrownBy(change)
                .isInstanceOf(UpdateException.class)
                .satisfies(refusal -> assertThat(refusal.getMessage()).contains(parts));
    }

    /** Keeps apps in a list. Cannot remove them. */
    private record RecordingKeeper(List<String> told) implements ContentKeeper {
        @Override
        public String location(JarContent content) {
            return "kept:" + content.symbolicName();
        }

        @Override
        public int startLevel() {
            return 9;
        }

        @Override
        public boolean keeps(Bundle bundle) {
            return bundle.getLocation().startsWith("kept:");
        }

        @Override
        public void keep(Bundle bundle, JarContent content) {
            told.add("keep " + bundle.getSymbolicName() + " " + content.version());
        }

        @Override
        public void drop(Bundle bundle) throws IOException {
            told.add("drop " + bundle.getSymbolicName());
            throw new IOException("disk on fire");
        }
    }
}
