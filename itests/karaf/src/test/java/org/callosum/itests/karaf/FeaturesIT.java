// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;

import org.apache.karaf.shell.api.console.SessionFactory;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What an operator of Karaf does with Callosum: each test begins with a Karaf without it, and ends with one.
 *
 * <p>The tests are in one class, because each class starts a Karaf of its own.
 */
@RunWith(KarafRunner.class)
@ExamReactorStrategy(PerClass.class)
public class FeaturesIT {
    private static final String REPOSITORY = "mvn:org.callosum/org.callosum.features/%s/xml/features";
    private static final Path BASE = Path.of(System.getProperty("karaf.base", "."));

    private static final Path JOURNAL = Path.of(System.getProperty(KarafDistribution.JOURNAL, "."));

    @Inject
    private BundleContext context;

    @Inject
    private SessionFactory sessions;

    private Shell shell;

    @Configuration
    public Option[] configuration() {
        return new Option[] {KarafDistribution.stock()};
    }

    @Before
    public void openShell() {
        shell = new Shell(sessions);
    }

    @After
    public void removeAll() throws Exception {
        Files.deleteIfExists(deployed("counter.jar"));
        for (Bundle bundle : context.getBundles()) {
            if (AppJar.SYMBOLIC_NAME.equals(bundle.getSymbolicName())) {
                bundle.uninstall();
            }
        }
        shell.run("config:delete org.callosum.bus", "config:delete org.callosum.core");
        String installed = shell.run("feature:list -i");
        for (String feature : List.of("callosum-dev-log", "callosum-apps", "callosum")) {
            if (installed.lines().anyMatch(line -> line.startsWith(feature + " "))) {
                shell.run("feature:uninstall " + feature);
            }
        }
        await().untilAsserted(() -> assertThat(ours()).isEmpty());
        if (shell.run("feature:repo-list").contains("org.callosum.features")) {
            shell.run("feature:repo-remove callosum");
        }
        deleteJournal();
    }

    @Test
    public void featuresBringARuntimeThatHandlesWhatTheShellSends() throws Exception {
        install("callosum", "callosum-apps");

        assertThat(ours()).hasSize(8).allSatisfy(bundle -> assertThat(bundle.getState())
                .as(bundle.getSymbolicName())
                .isEqualTo(Bundle.ACTIVE));
        assertThat(shell.run("callosum:status")).contains("server on " + socket() + ", up");
        assertThat(shell.run("callosum:apps")).contains("observer", "support", "segment-log");
        installApp("1.0.0");
        try (var bus = new BusConnection(socket())) {
            assertThat(shell.run("callosum:send counter count n=1")).contains("sent");
            assertThat(bus.next("\"counted\"")).contains("\"n\":1");
        }
        assertThat(shell.run("callosum:handlers")).containsPattern("counter +count +counter ");
    }

    @Test
    public void anUninstalledFeatureLeavesNothingBehind() throws Exception {
        Set<String> bundles = names(context.getBundles());
        install("callosum", "callosum-apps", "callosum-dev-log");
        shell.run("callosum:send observe observed observer=one day=20260101 segment=120000_300");
        assertThat(threads()).as("threads while it runs").isNotEmpty();
        assertThat(socket()).exists();

        shell.run("feature:uninstall callosum-dev-log callosum-apps callosum");

        assertThat(names(context.getBundles())).isEqualTo(bundles);
        assertThat(services()).isEmpty();
        await().untilAsserted(() -> assertThat(threads()).isEmpty());
        assertThat(socket()).doesNotExist();
        assertThat(BASE.resolve("etc")).isDirectoryNotContaining("glob:**/org.callosum*");
        assertThat(shell.run("feature:list -i")).doesNotContain("callosum");
    }

    @Test
    public void aKarInTheDeployFolderIsInstalledAndRemovedWithIt() throws Exception {
        Files.copy(Path.of(System.getProperty(KarafDistribution.KAR)), deployed("callosum.kar"));

        await().untilAsserted(() -> assertThat(shell.run("feature:list -i")).contains("callosum-apps"));
        assertThat(shell.run("callosum:status")).contains("server on " + socket() + ", up");
        assertThat(shell.run("feature:list -i")).doesNotContain("callosum-dev-log");

        Files.delete(deployed("callosum.kar"));

        await().untilAsserted(() -> assertThat(ours()).isEmpty());
    }

    @Test
    public void anAppThatIsUpdatedRefreshedOrRestartedMissesNoEvent() throws Exception {
        install("callosum");
        Bundle app = installApp("1.0.0");
        String second =
                AppJar.write(BASE.resolve("counter-2.jar"), "2.0.0").toUri().toString();
        try (var traffic = new NumberedTraffic(socket())) {
            shell.run("bundle:restart " + app.getBundleId());
            shell.run("bundle:refresh " + app.getBundleId());
            shell.run("bundle:update " + app.getBundleId() + " " + second);

            assertThat(traffic.end())
                    .extracting(NumberedTraffic.Counted::version)
                    .containsSequence("1.0.0", "2.0.0")
                    .endsWith("2.0.0");
        }
        assertThat(app.getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    public void whatWasUpdatedByHandSurvivesLaterFeatureCommands() throws Exception {
        install("callosum", "callosum-apps");
        AppJar.write(deployed("counter.jar"), "1.0.0");
        awaitApp("1.0.0");
        AppJar.write(deployed("counter.jar"), "2.0.0");
        awaitApp("2.0.0");
        Bundle observer = observer();
        Path mended = AppJar.mended(observer, BASE.resolve("observer.jar"));
        shell.run("bundle:update " + observer.getBundleId() + " " + mended.toUri());
        assertThat(observer.getEntry(AppJar.MENDED)).isNotNull();

        shell.run("feature:install callosum-dev-log", "feature:install scheduler", "feature:uninstall scheduler");

        assertThat(observer.getEntry(AppJar.MENDED))
                .as("what was put into it by hand")
                .isNotNull();
        assertThat(observer.getState()).isEqualTo(Bundle.ACTIVE);
        awaitApp("2.0.0");
    }

    /** Karaf puts the version of the feature back, but where its own file of replacements names another. */
    @Test
    public void anotherVersionSurvivesLaterFeatureCommandsOnceItIsNamedToKaraf() throws Exception {
        install("callosum", "callosum-apps");
        Bundle observer = observer();
        Path newer = AppJar.revised(observer, "1.0.1", BASE.resolve("observer.jar"));
        Path replacements = BASE.resolve("etc").resolve("org.apache.karaf.features.xml");
        String original = Files.readString(replacements);
        try {
            Files.writeString(
                    replacements,
                    original.replace(
                            "</featuresProcessing>",
                            """
                    <bundleReplacements>
                      <bundle mode="maven" originalUri="mvn:org.callosum/org.callosum.apps.observer/[1,2)" replacement="%s"/>
                    </bundleReplacements>
                    </featuresProcessing>
                    """
                                    .formatted(newer.toUri())));
            shell.run("bundle:restart org.apache.karaf.features.core");
            shell.run("bundle:update " + observer.getBundleId() + " " + newer.toUri());

            shell.run("feature:install callosum-dev-log");

            assertThat(observer.getVersion()).hasToString("1.0.1");
            assertThat(observer.getState()).isEqualTo(Bundle.ACTIVE);
        } finally {
            Files.writeString(replacements, original);
            shell.run("bundle:restart org.apache.karaf.features.core");
        }
    }

    @Test
    public void aJarInTheDeployFolderIsInstalledUpdatedAndRemovedWithIt() throws Exception {
        install("callosum");
        try (var bus = new BusConnection(socket())) {
            AppJar.write(deployed("counter.jar"), "1.0.0");
            awaitApp("1.0.0");

            AppJar.write(deployed("counter.jar"), "2.0.0");
            awaitApp("2.0.0");
            shell.run("callosum:send counter count n=5");
            assertThat(bus.next("\"counted\"")).contains("\"n\":5", "\"version\":\"2.0.0\"");

            Files.delete(deployed("counter.jar"));
            await().untilAsserted(() -> assertThat(shell.run("callosum:apps")).doesNotContain("counter"));
        }
    }

    @Test
    public void aSettingThatIsEditedTakesEffectAtOnce() throws Exception {
        install("callosum");
        Path elsewhere = BASE.resolve("data").resolve("elsewhere.sock");

        shell.run("config:edit org.callosum.bus", "config:property-set socket " + elsewhere, "config:update");

        await().untilAsserted(
                        () -> assertThat(shell.run("callosum:status")).contains("server on " + elsewhere + ", up"));
        assertThat(socket()).doesNotExist();
        assertThat(etc("bus")).as("what the operator set").exists();
    }

    @Test
    public void theSettingsHaveDescriptions() throws Exception {
        install("callosum");

        assertThat(shell.run("config:meta org.callosum.core")).contains("timeoutMillis", "30000");
        assertThat(shell.run("config:meta org.callosum.bus")).contains("slowPolicy", "disconnect");
    }

    private void install(String... features) throws Exception {
        shell.run(
                "feature:repo-add " + REPOSITORY.formatted(System.getProperty(KarafDistribution.VERSION)),
                "feature:install " + String.join(" ", features));
        await().untilAsserted(() -> assertThat(socket()).exists());
    }

    private Bundle installApp(String version) throws Exception {
        Bundle app = context.installBundle(
                AppJar.write(BASE.resolve("counter.jar"), version).toUri().toString());
        app.start();
        return app;
    }

    private void awaitApp(String version) {
        await().untilAsserted(
                        () -> assertThat(shell.run("callosum:apps")).contains(AppJar.SYMBOLIC_NAME + " " + version));
    }

    private static void deleteJournal() throws IOException {
        if (Files.exists(JOURNAL)) {
            try (Stream<Path> files = Files.walk(JOURNAL)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private Bundle observer() {
        return ours().stream()
                .filter(bundle -> bundle.getSymbolicName().endsWith(".observer"))
                .findAny()
                .orElseThrow();
    }

    private List<Bundle> ours() {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> bundle.getSymbolicName().startsWith("org.callosum."))
                .toList();
    }

    private List<String> services() throws Exception {
        return Stream.of(context.getAllServiceReferences(null, null))
                .filter(service -> service.getBundle().getSymbolicName().startsWith("org.callosum."))
                .map(ServiceReference::toString)
                .toList();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("callosum"))
                .toList();
    }

    private static Set<String> names(Bundle[] bundles) {
        return Arrays.stream(bundles).map(Bundle::getSymbolicName).collect(Collectors.toSet());
    }

    private static Path socket() {
        return JOURNAL.resolve("health").resolve("callosum.sock");
    }

    private static Path deployed(String name) {
        return BASE.resolve("deploy").resolve(name);
    }

    private static Path etc(String part) {
        return BASE.resolve("etc").resolve("org.callosum." + part + ".cfg");
    }
}
