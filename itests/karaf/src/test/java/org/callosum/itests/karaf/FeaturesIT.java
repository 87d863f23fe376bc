// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;
import javax.management.ObjectName;

import org.apache.karaf.shell.api.console.SessionFactory;
import org.awaitility.Awaitility;
import org.callosum.itests.cases.AppJar;
import org.callosum.itests.traffic.Checker;
import org.callosum.itests.traffic.NumberedTraffic;
import org.callosum.itests.traffic.Tally;
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
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * What an operator of Karaf does with Callosum: each test begins with a Karaf without it, and ends with one.
 *
 * <p>The tests are in one class, because each class starts a Karaf of its own.
 */
@RunWith(KarafRunner.class)
@ExamReactorStrategy(PerClass.class)
public class FeaturesIT {
    private static final Path BASE = Path.of(System.getProperty("karaf.base", "."));

    /** So few that a slow machine follows, so many that a moment's absence meets some. */
    private static final int EVENTS_PER_SECOND = 2_000;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String APP = "test.app";
    private static final String NEIGHBOUR = "test.neighbour";
    private static final String FOREIGN = "test.foreign";

    private static final Path JOURNAL = Path.of(System.getProperty(KarafDistribution.JOURNAL, "."));

    @Inject
    private BundleContext context;

    @Inject
    private SessionFactory sessions;

    private final Checker checker = new Checker();
    private NumberedTraffic traffic;
    private Shell shell;

    @Configuration
    public Option[] configuration() {
        return new Option[] {KarafDistribution.stock()};
    }

    @Before
    public void openShell() {
        Awaitility.setDefaultTimeout(PATIENCE);
        shell = new Shell(sessions);
    }

    @After
    public void removeAll() throws Exception {
        if (traffic != null) {
            traffic.close();
        }
        Files.deleteIfExists(deployed("callosum.kar"));
        Files.deleteIfExists(deployed("foreign.jar"));
        Files.deleteIfExists(deployed("app.jar"));
        Files.deleteIfExists(deployed(APP + ".jar")); // where our own command puts it
        for (Bundle bundle : context.getBundles()) {
            if (List.of(APP, NEIGHBOUR).contains(bundle.getSymbolicName())) {
                bundle.uninstall();
            }
        }
        shell.run(
                "config:delete org.callosum.bus",
                "config:delete org.callosum.core",
                "config:delete org.callosum.eventadmin");
        List<String> required = shell.run("feature:list --required")
                .lines()
                .map(line -> line.replaceFirst(" .*", ""))
                .filter(feature -> feature.startsWith("callosum"))
                .toList();
        if (!required.isEmpty()) {
            shell.run("feature:uninstall " + String.join(" ", required));
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

        assertThat(ours()).hasSize(10).allSatisfy(bundle -> assertThat(bundle.getState())
                .as(bundle.getSymbolicName())
                .isEqualTo(Bundle.ACTIVE));
        assertThat(shell.run("callosum:status")).contains("server on " + socket() + ", up");
        assertThat(shell.run("callosum:apps")).contains("observer", "support", "segment-log");
        start(AppJar.of(APP, "1.0.0"));
        connect();
        assertThat(shell.run("callosum:send numbered sent n=1 t=0")).contains("sent");
        awaitNumber(APP, 1);
        assertThat(shell.run("callosum:handlers")).containsPattern(" " + APP + " .* numbered/sent ");
        for (String command : List.of("status", "handlers", "apps", "queue", "parked", "clients")) {
            assertThat(shell.runOnTerminal(80, "callosum:" + command)
                            .replaceAll("\u001b\\[\\d*m", "")
                            .lines())
                    .as(command)
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
            assertThat(shell.run("callosum:" + command + " --json")).as(command).matches("(?s)[\\[{].*[\\]}]\\s*");
        }
        assertThat(shell.run("callosum:handlers 'numb*' | grep " + APP)).contains("numbered/sent");
        assertThat(shell.runOnTerminal(40, "callosum:handlers | grep " + APP)).contains("numbered/sent");
        assertThat(shell.run("callosum:explain numbered sent n=2"))
                .startsWith("numbered/sent would be handed to ")
                .contains(APP + "/");
        assertThat(shell.run("callosum:top -n 1 -i 100ms")).contains("received ", APP + "/");
        assertThatThrownBy(() -> shell.run("callosum:disconnect")).hasMessageContaining("Write: disconnect <number>");
        assertThatThrownBy(() -> shell.run("callosum:top -n many")).hasMessageContaining("Write: top [-n <times>]");
        assertThat(shell.run("callosum:diagnose")).contains("Written to " + socket().getParent());
        CompletableFuture<String> traced = CompletableFuture.supplyAsync(() -> traceOne("numbered"));
        await().until(() -> {
            shell.run("callosum:send numbered other"); // that it is followed cannot be seen
            return traced.isDone();
        });
        assertThat(traced.join()).contains("numbered/other received, queued for ");
        try (SocketChannel guest = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            await().untilAsserted(() ->
                    assertThat(shell.run("callosum:clients")).containsPattern("(?m)^ +2 +\\S+:\\S+ .* open "));
            assertThat(shell.run("callosum:disconnect 2")).contains("Disconnected.");
            assertThat(guest.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        assertThat(shell.run("callosum:clients --closed")).contains("disconnected by an operator");
    }

    private String traceOne(String tract) {
        try {
            return shell.run("callosum:trace --timeout 60s " + tract + " '*'");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    public void metricsAreOnKarafsOwnHttpServiceOnceTheyAreConfigured() throws Exception {
        int port = freePort();
        shell.run(
                "config:edit org.ops4j.pax.web",
                "config:property-set org.osgi.service.http.port " + port,
                "config:update");
        install("callosum", "callosum-metrics", "http-whiteboard");
        try {
            assertThat(shell.run("callosum:health")).containsPattern("bus +ok +server on ");
            ObjectName name = new ObjectName("org.callosum:type=Runtime");
            assertThat(ManagementFactory.getPlatformMBeanServer().getAttribute(name, "BusUp"))
                    .isEqualTo(true);
            URI page = URI.create("http://127.0.0.1:" + port + "/metrics");
            await().ignoreExceptions()
                    .untilAsserted(() -> assertThat(get(page).statusCode()).isEqualTo(404));

            shell.run("config:edit org.callosum.metrics", "config:property-set servlet true", "config:update");

            await().untilAsserted(() -> assertThat(get(page).statusCode()).isEqualTo(200));
            assertThat(get(page).body()).contains("callosum_bus_up{mode=\"server\"} 1.0");
        } finally {
            shell.run(
                    "config:delete org.callosum.metrics",
                    "feature:uninstall http-whiteboard",
                    "config:delete org.ops4j.pax.web");
        }
    }

    @Test
    public void anUninstalledFeatureLeavesNothingBehind() throws Exception {
        Set<String> bundles = names(context.getBundles());
        install("callosum", "callosum-apps", "callosum-dev-log", "callosum-eventadmin", "callosum-metrics");
        shell.run("callosum:send observe observed observer=one day=20260101 segment=120000_300");
        assertThat(threads()).as("threads while it runs").isNotEmpty();
        assertThat(socket()).exists();

        shell.run("feature:uninstall callosum-metrics callosum-eventadmin callosum-dev-log callosum-apps callosum");

        assertThat(names(context.getBundles())).isEqualTo(bundles);
        assertThat(services()).isEmpty();
        await().untilAsserted(() -> assertThat(threads()).isEmpty());
        assertThat(socket()).doesNotExist();
        assertThat(BASE.resolve("etc")).isDirectoryNotContaining("glob:**/org.callosum*");
        assertThat(shell.run("feature:list -i")).doesNotContain("callosum");
    }

    @Test
    public void commandsFromOutsideAreCarriedOutByKarafsShell() throws Exception {
        Path shellSocket = socket().resolveSibling("shell.sock");
        install("callosum", "callosum-apps", "callosum-remote");
        await().untilAsserted(() -> assertThat(shellSocket).exists());

        assertThat(fromOutside("callosum:apps | grep -i obs"))
                .contains("observer", "0:")
                .doesNotContain("segment-log");
        assertThat(fromOutside("bundle:list | grep Remote")).contains("Active", "0:");
        assertThat(fromOutside("callosum:handler 4711")).contains("1:There is no handler '4711'");
        assertThat(fromOutside(null)).contains("1:", "bin/client");
        assertThat(fromOutside("callosum:send outside kept 'text=\u00fc\u009b'"))
                .contains("sent", "0:");
        assertThat(fromOutside("callosum:replay --number 0 --json -t outside"))
                .startsWith("{\"tract\":\"outside\",\"event\":\"kept\",\"text\":\"\u00fc\u009b\"")
                .contains("}\n0:");

        shell.run("feature:uninstall callosum-remote");
        await().untilAsserted(() -> assertThat(shellSocket).doesNotExist());
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("callosum shell")));
    }

    /**
     * Runs commands as the command line does, which is not in here: in frames of a type, a length and so many bytes.
     *
     * @param commands {@code null} for a conversation at a terminal
     * @return the output, then the exit status, a colon, and what is said about it
     */
    private static String fromOutside(String commands) throws IOException {
        byte[] text = (commands == null ? "" : commands).getBytes(StandardCharsets.UTF_8);
        ByteBuffer hello = ByteBuffer.allocate(5 + 4 + 1 + 2 + 4 + 4 + text.length)
                .put((byte) 1)
                .putInt(15 + text.length)
                .putInt(1) // the version
                .put((byte) (commands == null ? 1 : 0))
                .putShort((short) 0) // no terminal
                .putInt(0)
                .putInt(text.length)
                .put(text)
                .flip();
        try (SocketChannel channel =
                SocketChannel.open(UnixDomainSocketAddress.of(socket().resolveSibling("shell.sock")))) {
            channel.write(hello);
            DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
            StringBuilder said = new StringBuilder();
            while (true) {
                int type = in.readByte();
                ByteBuffer bytes = ByteBuffer.wrap(in.readNBytes(in.readInt()));
                if (type == 9) {
                    return said.append(bytes.getInt())
                            .append(':')
                            .append(StandardCharsets.UTF_8.decode(bytes))
                            .toString();
                }
                said.append(StandardCharsets.UTF_8.decode(bytes));
            }
        }
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
        Bundle app = start(AppJar.of(APP, "1.0.0"));
        Path second = jar(AppJar.of(APP, "2.0.0"));
        flow(APP);
        shell.run("bundle:restart " + app.getBundleId());
        shell.run("bundle:refresh " + app.getBundleId());
        shell.run("bundle:update " + app.getBundleId() + " " + second.toUri());
        awaitVersion("2.0.0");
        long last = settle(APP);

        assertThat(clean(APP, 1, last).versions()).containsExactly("1.0.0", "2.0.0");
        assertThat(app.getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    public void anAppIsInstalledUpdatedAndRemovedByOurCommandsWithAReport() throws Exception {
        install("callosum");
        start(AppJar.of(NEIGHBOUR, "1.0.0"));
        Path first = jar(AppJar.of(APP, "1.0.0"));
        Path second = jar(AppJar.of(APP, "2.0.0"));
        flow(NEIGHBOUR);
        assertThat(shell.run("callosum:install " + first))
                .containsPattern("App +" + APP)
                .containsPattern("Bundle +[0-9]+ " + APP + " 1.0.0 is installed, running");
        awaitVersion("1.0.0");
        long since = checker.highest(APP);

        assertThat(shell.run("callosum:update -n " + APP + " " + second))
                .containsPattern("Bundle +[0-9]+ " + APP + " 1.0.0 would become 2.0.0")
                .containsPattern("Would refresh +no other bundle");
        assertThat(app().getVersion()).hasToString("1.0.0");

        assertThat(shell.run("callosum:update " + APP + " " + second))
                .containsPattern("Bundle +[0-9]+ " + APP + " 1.0.0 is now 2.0.0, running")
                .containsPattern("Took +[0-9]")
                .containsPattern("Parked +[0-9]+ events? in .* away, [0-9]+ handed over, 0 given up")
                .containsPattern("Refreshed +no other bundle")
                .containsPattern("Left of +" + APP + " 1.0.0: nothing, its class loader is collected");
        awaitVersion("2.0.0");
        long last = settle(APP, NEIGHBOUR);
        assertThat(clean(APP, since, last).versions()).containsExactly("1.0.0", "2.0.0");

        assertThat(shell.run("callosum:remove " + APP))
                .containsPattern("Bundle +[0-9]+ " + APP + " 2.0.0 is removed")
                .containsPattern("Left of +" + APP + " 2.0.0: nothing, its class loader is collected");
        assertThat(find(APP)).isEmpty();
        traffic.start(EVENTS_PER_SECOND);
        long end = settle(NEIGHBOUR);
        assertThat(clean(NEIGHBOUR, 1, end).instances())
                .as("objects that the neighbour's component had")
                .isEqualTo(1);
    }

    @Test
    public void anUpdateThatLacksSomethingIsRefusedWithTheReasonAndTheOldVersionRunsOn() throws Exception {
        install("callosum");
        start(AppJar.of(APP, "1.0.0"));
        Path bad = jar(AppJar.of(APP, "2.0.0").importing("test.nowhere"));
        flow(APP);
        assertThatThrownBy(() -> shell.run("callosum:update " + APP + " " + bad))
                .rootCause()
                .hasMessageContaining("test.nowhere");
        long last = settle(APP);

        Tally tally = clean(APP, 1, last);
        assertThat(tally.versions()).containsExactly("1.0.0");
        assertThat(tally.instances()).isEqualTo(1);
    }

    @Test
    public void theBridgeToEventAdminIsOffUntilItIsConfiguredAndThenCarriesBothWays() throws Exception {
        Set<String> bundles = names(context.getBundles());
        install("callosum", "callosum-eventadmin");
        Bundle app = start(AppJar.of(APP, "1.0.0"));
        BlockingQueue<Object> posted = new LinkedBlockingQueue<>();
        EventHandler listener = event -> posted.add(event.getProperty("n"));
        var registration = context.registerService(
                EventHandler.class,
                listener,
                new Hashtable<>(Map.of(EventConstants.EVENT_TOPIC, "callosum/numbered/seen")));
        connect();
        try {
            post(1);
            shell.run(
                    "config:edit org.callosum.eventadmin",
                    "config:property-set topics test/*",
                    "config:property-set tract numbered",
                    "config:property-set tracts numbered",
                    "config:update");
            await().untilAsserted(() -> {
                post(2);
                assertThat(checker.highest(APP)).isEqualTo(2);
            });

            assertThat(posted.poll(30, TimeUnit.SECONDS)).as("what came back").isEqualTo(2L);
            assertThat(checker.tally(APP, 1, 2).lost().first())
                    .as("posted before the bridge was configured")
                    .containsExactly(1L);
        } finally {
            registration.unregister();
        }
        app.uninstall();
        shell.run("config:delete org.callosum.eventadmin", "feature:uninstall callosum-eventadmin callosum");

        assertThat(names(context.getBundles())).isEqualTo(bundles);
        assertThat(services()).isEmpty();
        await().untilAsserted(() -> assertThat(threads()).isEmpty());
        assertThat(BASE.resolve("etc")).isDirectoryNotContaining("glob:**/org.callosum*");
    }

    @Test
    public void whatWasUpdatedByHandSurvivesLaterFeatureCommands() throws Exception {
        install("callosum", "callosum-apps");
        AppJar.of(APP, "1.0.0").moveTo(deployed("app.jar"));
        awaitApp("1.0.0");
        AppJar.of(APP, "2.0.0").moveTo(deployed("app.jar"));
        awaitApp("2.0.0");
        Bundle observer = observer();
        Path mended = RevisedJar.of(observer, BASE.resolve("observer.jar"));
        shell.run("bundle:update " + observer.getBundleId() + " " + mended.toUri());
        assertThat(observer.getEntry(RevisedJar.ENTRY)).isNotNull();

        shell.run("feature:install callosum-dev-log", "feature:install scheduler", "feature:uninstall scheduler");

        assertThat(observer.getEntry(RevisedJar.ENTRY))
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
        Path newer = RevisedJar.of(observer, "1.0.1", BASE.resolve("observer.jar"));
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
        start(AppJar.of(NEIGHBOUR, "1.0.0"));
        flow(NEIGHBOUR);
        AppJar.of(APP, "1.0.0").moveTo(deployed("app.jar"));
        awaitVersion("1.0.0");
        long first = checker.highest(APP);

        AppJar.of(APP, "2.0.0").moveTo(deployed("app.jar"));
        awaitVersion("2.0.0");
        long updated = traffic.last();
        awaitNumber(APP, updated);

        Files.delete(deployed("app.jar"));
        await().untilAsserted(() -> assertThat(find(APP)).isEmpty());
        long last = settle(NEIGHBOUR);

        assertThat(clean(APP, first, updated).versions()).containsExactly("1.0.0", "2.0.0");
        assertThat(clean(NEIGHBOUR, 1, last).instances())
                .as("objects that the neighbour's component had")
                .isEqualTo(1);
    }

    @Test
    public void aJarInTheDeployFolderThatIsNoAppIsLeftToKaraf() throws Exception {
        install("callosum");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", FOREIGN);
        manifest.getMainAttributes().putValue("Bundle-Version", "1.0.0"); // else Karaf wraps it
        Path part = BASE.resolve("foreign.jar");
        new JarOutputStream(Files.newOutputStream(part), manifest).close();

        Files.move(part, deployed("foreign.jar"));

        await().untilAsserted(() -> assertThat(find(FOREIGN)).isPresent());
        assertThat(find(FOREIGN).orElseThrow().getLocation())
                .as("as File Install writes it, not as org.callosum.deploy")
                .isEqualTo(deployed("foreign.jar").toFile().toURI().toString());
        Files.delete(deployed("foreign.jar"));
        await().untilAsserted(() -> assertThat(find(FOREIGN)).isEmpty());
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
        shell.run("feature:repo-add " + KarafDistribution.features(), "feature:install " + String.join(" ", features));
        await().untilAsserted(() -> assertThat(socket()).exists());
    }

    private static HttpResponse<String> get(URI page) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Bundle start(AppJar app) throws Exception {
        Bundle bundle = context.installBundle(jar(app).toUri().toString());
        bundle.start();
        return bundle;
    }

    /** A file with this app. */
    private static Path jar(AppJar app) throws IOException {
        Path jar = BASE.resolve(app.symbolicName() + "-" + app.version() + ".jar");
        app.moveTo(jar);
        return jar;
    }

    private void awaitApp(String version) {
        await().untilAsserted(() -> assertThat(shell.run("callosum:apps")).contains(APP + " " + version));
    }

    private void connect() throws Exception {
        traffic = NumberedTraffic.connect(KarafDistribution.socket(), checker);
    }

    /** Begins to send, and waits until this handler has handled an event of it. */
    private void flow(String handler) throws Exception {
        connect();
        traffic.start(EVENTS_PER_SECOND);
        awaitNumber(handler, 1);
    }

    /** Stops the traffic and waits until each of these handlers has handled the last of it; gives its number. */
    private long settle(String... handlers) throws Exception {
        traffic.stop();
        long last = traffic.sendOne(); // what comes behind it was not under way
        for (String handler : handlers) {
            awaitNumber(handler, last);
        }
        return last;
    }

    private void awaitNumber(String handler, long n) throws InterruptedException {
        assertThat(checker.awaitNumber(handler, n, PATIENCE))
                .as("%s handles number %d within %s; it is at %d", handler, n, PATIENCE, checker.highest(handler))
                .isTrue();
    }

    private void awaitVersion(String version) throws InterruptedException {
        assertThat(checker.awaitVersion(APP, version, PATIENCE))
                .as("version %s handles an event within %s", version, PATIENCE)
                .isTrue();
    }

    private Tally clean(String handler, long first, long last) {
        Tally tally = checker.tally(handler, first, last);
        assertThat(tally.isClean())
                .as("nothing is lost, doubled or reordered from %d to %d: %s", first, last, tally)
                .isTrue();
        return tally;
    }

    private void post(long n) {
        ServiceReference<EventAdmin> reference = context.getServiceReference(EventAdmin.class);
        context.getService(reference).postEvent(new Event("test/sent", Map.of("n", n, "t", 0L)));
        context.ungetService(reference);
    }

    private Bundle app() {
        return find(APP).orElseThrow();
    }

    private Optional<Bundle> find(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
                .findAny();
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
                .filter(bundle -> !bundle.getSymbolicName().startsWith("org.callosum.itests."))
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
        return KarafDistribution.socket();
    }

    private static Path deployed(String name) {
        return BASE.resolve("deploy").resolve(name);
    }

    private static Path etc(String part) {
        return BASE.resolve("etc").resolve("org.callosum." + part + ".cfg");
    }
}
