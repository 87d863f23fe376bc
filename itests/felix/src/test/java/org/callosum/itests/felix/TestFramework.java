// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.log.LogReaderService;

import static org.awaitility.Awaitility.await;

/**
 * The framework on the class path with the bundles that the build made, a journal of its own, and what a test shares with its apps: services of
 * types of the JDK, the only ones that both sides know.
 *
 * <p>Start levels are those of the distribution: the core before the bus, apps last.
 */
final class TestFramework implements AutoCloseable {
    /** How long anything may take that has to happen. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final int APP_LEVEL = 20;

    private static final String LOG = "org.apache.felix.log";

    private static final List<List<String>> LEVELS = List.of(
            List.of(
                    "org.osgi.util.function",
                    "org.osgi.util.promise",
                    "org.osgi.service.component",
                    "org.osgi.service.event"),
            List.of("org.apache.felix.configadmin", LOG),
            List.of("org.apache.felix.metatype", "org.apache.felix.scr", "org.callosum.api"),
            List.of("jackson-core", "h2-mvstore", "org.callosum.core"));

    private final Path folder;
    private final Path journal;
    private final Framework framework;
    private ServiceRegistration<Semaphore> gateService;
    private final List<Bundle> apps = new ArrayList<>();

    /** What handlers record. */
    final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    /** The threads that a handler was called on. */
    final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();

    /** The log, from {@code INFO} on. */
    final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    /** What some apps wait for. */
    final Semaphore gate = new Semaphore(0);

    /** Whether an app that can be broken is. */
    final AtomicBoolean broken = new AtomicBoolean();

    private TestFramework(Path folder, Path journal) throws BundleException {
        this.folder = folder;
        this.journal = journal;
        Map<String, String> properties = new HashMap<>();
        properties.put("org.osgi.framework.storage", folder.resolve("cache").toString());
        properties.put("org.osgi.framework.startlevel.beginning", Integer.toString(APP_LEVEL));
        properties.put("org.osgi.service.log.admin.loglevel", "INFO");
        properties.put("felix.cm.dir", settings().toString());
        properties.put("callosum.journal", journal.toString());
        properties.put("ds.loglevel", "warn");
        properties.put("felix.log.level", "1");
        // In milliseconds. Not by Config Admin: it would count from some moment on that nothing announces.
        properties.put("org.apache.felix.eventadmin.Timeout", "200");
        // No class of the test's class path is ever seen by a bundle.
        properties.put("felix.bootdelegation.implicit", "false");
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(properties);
        framework.init();
        share(Consumer.class, "calls", (Consumer<String>) calls::add);
        share(Consumer.class, "threads", (Consumer<Thread>) threads::add);
        share(Consumer.class, "log", (Consumer<String>) log::add);
        gateService = share(Semaphore.class, "gate", gate);
        share(AtomicBoolean.class, "broken", broken);
    }

    /** A framework with the core, started. */
    static TestFramework withCore() throws Exception {
        TestFramework made = prepared();
        made.framework.start();
        return made;
    }

    /** A framework with the core and what updates apps, started. */
    static TestFramework withUpdates() throws Exception {
        TestFramework made = prepared();
        made.installBuilt("org.callosum.update", LEVELS.size() + 1);
        made.framework.start();
        return made;
    }

    /** A framework with the core and the bus, started. */
    static TestFramework withBus() throws Exception {
        return startedWithBus(prepared());
    }

    /** The same, on somebody else's journal. */
    static TestFramework withBus(Path journal) throws Exception {
        return startedWithBus(prepared(journal));
    }

    /** A framework with the core, the bus, and Gogo with our commands, started. */
    static TestFramework withShell() throws Exception {
        TestFramework made = prepared();
        made.installBuilt("org.apache.felix.gogo.runtime", LEVELS.size() + 1);
        made.installBuilt("org.callosum.shell", LEVELS.size() + 1);
        return startedWithBus(made);
    }

    /** A framework with the core, the bus, Felix's EventAdmin and the bridge to it, started. */
    static TestFramework withEventAdmin() throws Exception {
        TestFramework made = prepared();
        made.installBuilt("org.apache.felix.eventadmin", LEVELS.size() + 1);
        made.installBuilt("org.callosum.eventadmin", LEVELS.size() + 1);
        return startedWithBus(made);
    }

    /** A framework with the core, the bus, the shell and what tells monitors and the bus of the runtime, started. */
    static TestFramework withMonitoring() throws Exception {
        TestFramework made = prepared();
        for (String name : List.of(
                "org.apache.felix.gogo.runtime",
                "org.callosum.shell",
                "org.callosum.runtime",
                "org.callosum.metrics")) {
            made.installBuilt(name, LEVELS.size() + 1);
        }
        return startedWithBus(made);
    }

    /** A framework with the core, not started. */
    static TestFramework prepared() throws Exception {
        Path folder = newFolder();
        return prepared(folder, folder);
    }

    /** The same, on somebody else's journal. */
    static TestFramework prepared(Path journal) throws Exception {
        return prepared(newFolder(), journal);
    }

    private static TestFramework startedWithBus(TestFramework made) throws BundleException {
        made.addBus();
        made.framework.start();
        return made;
    }

    /** With a short path: a socket's path has to be one. */
    private static Path newFolder() throws IOException {
        return Files.createTempDirectory("callosum");
    }

    private static TestFramework prepared(Path folder, Path journal) throws Exception {
        TestFramework made = new TestFramework(folder, journal);
        for (int i = 0; i < LEVELS.size(); i++) {
            for (String name : LEVELS.get(i)) {
                if (!name.equals(LOG) || !made.hasLogOfItsOwn()) {
                    made.installBuilt(name, i + 1);
                }
            }
        }
        made.add(TestBundle.probe(), LEVELS.size() + 1);
        return made;
    }

    /** Equinox has a log service inside, Felix none. */
    private boolean hasLogOfItsOwn() {
        return context().getServiceReference(LogReaderService.class) != null;
    }

    /** Sets a setting of the core before it is there, as one of an earlier run. */
    void preset(String setting, String value) throws IOException {
        Path file = settings().resolve("org/callosum/core.config"); // Config Admin's own way to store a PID
        Files.createDirectories(file.getParent());
        Files.writeString(file, "service.pid=\"org.callosum.core\"\n" + setting + "=\"" + value + "\"\n");
    }

    private Path settings() {
        return folder.resolve("settings");
    }

    /** Adds the bus, behind the core. */
    void addBus() throws BundleException {
        installBuilt("org.callosum.bus", LEVELS.size() + 1);
    }

    private void installBuilt(String name, int level) throws BundleException {
        Path jar = Path.of(System.getProperty("callosum.itests.bundles"), name + ".jar");
        setLevel(level);
        context().installBundle("reference:" + jar.toUri()).start();
    }

    private Bundle add(TestBundle content, int level) throws Exception {
        setLevel(level);
        Bundle bundle =
                context().installBundle("test:" + content.symbolicName() + ":" + content.version(), content.jar());
        bundle.start();
        return bundle;
    }

    /** Sets the start level of what is installed next. That of an installed bundle is changed later, on another thread. */
    private void setLevel(int level) {
        framework.adapt(FrameworkStartLevel.class).setInitialBundleStartLevel(level);
    }

    /** Takes the gate's service away and gives it back: what refers to it is replaced. */
    void replaceGate() {
        gateService.unregister();
        gateService = share(Semaphore.class, "gate", gate);
    }

    /** Registers a service for the apps of the test. */
    <T> ServiceRegistration<T> share(Class<T> type, String name, T service) {
        return context().registerService(type, service, FrameworkUtil.asDictionary(Map.of("probe", name)));
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    Framework framework() {
        return framework;
    }

    /** The probe in it. */
    Probe probe() {
        return new Probe(context());
    }

    /** The bus's socket. */
    Path socket() {
        return journal.resolve("health/callosum.sock");
    }

    /** Installs an app and starts it, as soon as the framework is in the apps' start level. */
    Bundle install(TestBundle app) throws Exception {
        Bundle bundle = add(app, APP_LEVEL);
        apps.add(bundle);
        return bundle;
    }

    /** Uninstalls what was installed as an app, opens the gate for whoever waits at it, and forgets all that was recorded. */
    void clear() throws BundleException {
        gate.release(1_000);
        for (Bundle app : apps) {
            if (app.getState() != Bundle.UNINSTALLED) {
                app.uninstall();
            }
        }
        apps.clear();
        // What overran is not waited for: it has to be through before the gate is shut again.
        await("all who wait at the gate are through").until(() -> !gate.hasQueuedThreads());
        gate.drainPermits();
        broken.set(false);
        calls.clear();
        threads.clear();
        log.clear();
    }

    /** Stops the framework and removes what it left. */
    @Override
    public void close() throws BundleException, IOException {
        gate.release(1_000);
        framework.stop();
        awaitStop();
        if (!Files.exists(folder)) {
            return; // closed before
        }
        try (Stream<Path> left = Files.walk(folder)) {
            left.sorted(Comparator.reverseOrder()).forEach(TestFramework::delete);
        }
    }

    /** Waits until the framework has stopped. */
    void awaitStop() {
        try {
            FrameworkEvent end = framework.waitForStop(PATIENCE.toMillis());
            if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
                throw new AssertionError("The framework did not stop within " + PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted before the framework stopped", e);
        }
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
