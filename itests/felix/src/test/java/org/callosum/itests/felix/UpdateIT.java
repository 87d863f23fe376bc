// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

import org.callosum.itests.probe.Plain;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

/** An operator's update of an app, and what its report says. */
@Timeout(60)
class UpdateIT {
    private static final String OBSERVED = """
            {"tract":"observe","event":"observed"}""";
    private static final String LEAVE_THREAD =
            """
            {"tract":"observe","event":"observed","leave":"thread"}""";
    private static final String LEAVE_LOCAL = """
            {"tract":"observe","event":"observed","leave":"local"}""";

    private static final String LEAVE_WORKER =
            """
            {"tract":"observe","event":"observed","leave":"worker"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withUpdates);

    @TempDir
    Path folder;

    private final ExecutorService foreign = Executors.newSingleThreadExecutor(task -> new Thread(task, "foreign"));
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());
    private final List<SynchronousBundleListener> listeners = new ArrayList<>();
    private ServiceRegistration<Executor> service;

    @BeforeEach
    void share() throws Exception {
        foreign.submit(() -> {}).get(); // its thread is nobody's: one that an app starts inherits its class loader
        service = runtime.framework().share(Executor.class, "foreign", foreign);
    }

    @AfterEach
    void end() throws InterruptedException {
        listeners.forEach(context()::removeBundleListener);
        runtime.framework().gate.release(10);
        foreign.shutdown();
        assertThat(foreign.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @AfterEach
    void takeBack() {
        service.unregister();
    }

    @Test
    void ofACleanAppNothingIsLeftAndItsEventsAreCounted() throws Exception {
        Bundle app = runtime.install(TestBundle.app("leaking"));
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        when(BundleEvent.STOPPED, app, () -> runtime.probe().dispatch(OBSERVED));

        Map<String, Object> report = call("update", "leaking", Optional.of(jar("leaking", "2.0.0")));

        assertThat(version(report, "before")).isEqualTo("1.0.0");
        assertThat(version(report, "after")).isEqualTo("2.0.0");
        assertThat(report).containsEntry("runs", true);
        assertThat(list(report, "parked")).singleElement().satisfies(parked -> assertThat(parked)
                .containsEntry("app", "leaking")
                .containsEntry("isOver", true)
                .containsEntry("parked", 1L)
                .containsEntry("handedOver", 1L)
                .containsEntry("givenUp", 0L));
        assertThat(list(report, "leftovers")).singleElement().satisfies(left -> assertThat(left)
                .containsEntry("isCollected", true));
        assertThat(runtime.calls()).containsExactly("leaking nothing", "leaking nothing");
    }

    @Test
    void theThreadAndTheThreadLocalThatHoldTheOldVersionAreNamed() throws Exception {
        runtime.install(TestBundle.app("leaking"));
        runtime.probe().dispatch(LEAVE_THREAD);
        runtime.probe().dispatch(LEAVE_LOCAL);
        foreign.submit(() -> {}).get(); // behind the one that sets it

        Map<String, Object> report = call("update", "leaking", Optional.of(jar("leaking", "2.0.0")));

        Map<String, Object> left = list(report, "leftovers").get(0);
        assertThat(left).containsEntry("isCollected", false);
        assertThat(list(left, "holders"))
                .extracting(holder -> holder.get("kind"), holder -> holder.get("thread"))
                .containsExactlyInAnyOrder(tuple("THREAD", "left thread"), tuple("THREAD_LOCAL", "foreign"));
        assertThat(list(left, "holders"))
                .extracting(holder -> (String) holder.get("how"))
                .anyMatch(how -> how.contains("lambda of org.callosum.itests.apps.leaking.Leaking"))
                .anyMatch(how -> how.endsWith("Leaking$Mark: Leaking.MARK"));
    }

    @Test
    void aWorkerThatAHandlerHangsOnIsListedAsThat() throws Exception {
        runtime.install(TestBundle.app("leaking"));
        runtime.probe().dispatch(OBSERVED); // activated: it is the handler that overruns
        runtime.probe().configureCore(Map.of("timeoutMillis", 50));
        runtime.probe().dispatch(LEAVE_WORKER);

        Map<String, Object> report = call("update", "leaking", Optional.of(jar("leaking", "2.0.0")));

        assertThat(list(list(report, "leftovers").get(0), "holders"))
                .filteredOn(holder -> holder.get("kind").equals("HUNG_HANDLER"))
                .singleElement()
                .satisfies(holder -> assertThat((String) holder.get("how"))
                        .startsWith("handler leaking/Leaking overran on observe/observed and has run for"));
    }

    @Test
    void aDryRunNamesWhatWouldBeRefreshedWithTheReasonAndDoesNothing() throws Exception {
        installLibAndUser();
        listen();

        Map<String, Object> plan = call("planUpdate", "lib", Optional.of(lib("1.1.0")));

        assertThat(plan).containsEntry("after", Optional.of("1.1.0")).containsEntry("unmet", List.of());
        assertThat(list(plan, "refreshed")).singleElement().satisfies(refreshed -> {
            assertThat(refreshed).containsEntry("reason", "imports package 'lib' of 'test.lib'");
            assertThat(refreshed.get("bundle")).asString().contains("test.user");
        });
        assertThat(events).isEmpty();
        removeLibAndUser();
    }

    @Test
    void anUpdateTouchesWhatHangsOnTheAppAndNoOtherApp() throws Exception {
        installLibAndUser();
        Bundle lib = bundle("test.lib");
        Bundle neighbour = runtime.install(TestBundle.app("leaking").as("neighbour"));
        ServiceReference<?>[] handlers = neighbour.getRegisteredServices();
        when(
                BundleEvent.STOPPED,
                lib,
                () -> events.add("neighbour invoked " + runtime.probe().dispatch(OBSERVED)));
        listen();

        Map<String, Object> report = call("update", "lib", Optional.of(lib("1.1.0")));

        assertThat(list(report, "refreshed")).hasSize(1);
        assertThat(events)
                .containsExactly(
                        "neighbour invoked 1",
                        "test.lib stopped",
                        "test.user stopped",
                        "test.user started",
                        "test.lib started");
        assertThat(neighbour.getRegisteredServices()).isEqualTo(handlers);
        assertThat(list(report, "leftovers"))
                .extracting(left -> left.get("isCollected"))
                .containsExactly(true, true);
        removeLibAndUser();
    }

    @Test
    void anAppIsInstalledAndRemoved() throws Exception {
        Map<String, Object> installed = call("install", jar("leaking", "1.0.0"));
        assertThat(installed).containsEntry("runs", true);
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);

        Map<String, Object> removed = call("remove", "leaking");

        assertThat(removed).containsEntry("after", Optional.empty()).containsEntry("parked", List.of());
        assertThat(list(removed, "leftovers")).singleElement().satisfies(left -> assertThat(left)
                .containsEntry("isCollected", true));
        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();
    }

    @Test
    void thePartsThatTheReportHangsOnAreNotChanged() {
        for (String part : List.of("org.callosum.api", "org.callosum.core", "org.callosum.update", "0")) {
            assertThatThrownBy(() -> call("remove", part)).hasMessageContaining("is a part of the runtime");
        }
    }

    private void installLibAndUser() throws Exception {
        call("install", lib("1.0.0"));
        call("install", jar(Map.of("Bundle-SymbolicName", "test.user", "Import-Package", "lib")));
    }

    private void removeLibAndUser() throws Exception {
        call("remove", "test.user");
        call("remove", "lib");
    }

    private String lib(String version) throws Exception {
        return jar(Map.of(
                "Bundle-SymbolicName", "test.lib",
                "Bundle-Version", version,
                "Callosum-App", "lib",
                "Export-Package", "lib"));
    }

    /** A bundle of headers, with a package {@code lib}. */
    private String jar(Map<String, String> headers) throws Exception {
        Manifest manifest = new Manifest();
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(Attributes.Name.MANIFEST_VERSION.toString(), "1.0");
        all.put("Bundle-ManifestVersion", "2");
        all.forEach(manifest.getMainAttributes()::putValue);
        Path jar = Files.createTempFile(folder, "bundle", ".jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            out.putNextEntry(new ZipEntry("lib/about.txt"));
        }
        return jar.toString();
    }

    private String jar(String app, String version) throws Exception {
        Path jar = Files.createTempFile(folder, app, ".jar");
        Files.write(jar, TestBundle.app(app).inVersion(version).jar().readAllBytes());
        return jar.toUri().toString();
    }

    /** Calls the service, whose types the test does not know: an interface's method, a record for its answer. */
    private static Map<String, Object> call(String method, Object... arguments) throws Exception {
        ServiceReference<?> reference = context().getAllServiceReferences("org.callosum.update.AppUpdates", null)[0];
        Object updates = context().getService(reference);
        Class<?>[] types = List.of(arguments).stream().map(Object::getClass).toArray(Class<?>[]::new);
        try {
            Object record = updates.getClass()
                    .getInterfaces()[0]
                    .getMethod(method, types)
                    .invoke(updates, arguments);
            return Plain.of((Record) record);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @SuppressWarnings("unchecked") // Plain makes it
    private static List<Map<String, Object>> list(Map<String, Object> report, String name) {
        return (List<Map<String, Object>>) report.get(name);
    }

    @SuppressWarnings("unchecked") // Plain makes it
    private static Object version(Map<String, Object> report, String name) {
        return ((Optional<Map<String, Object>>) report.get(name)).orElseThrow().get("version");
    }

    /** Does something as soon as that has happened to the bundle, while whoever has done it waits. */
    private void when(int type, Bundle bundle, Runnable action) {
        add(event -> {
            if (event.getType() == type && event.getBundle().equals(bundle)) {
                action.run();
            }
        });
    }

    /** Records which bundles are started and stopped. */
    private void listen() {
        add(event -> {
            if (event.getType() == BundleEvent.STARTED || event.getType() == BundleEvent.STOPPED) {
                events.add(event.getBundle().getSymbolicName()
                        + (event.getType() == BundleEvent.STARTED ? " started" : " stopped"));
            }
        });
    }

    private void add(SynchronousBundleListener listener) {
        listeners.add(listener);
        context().addBundleListener(listener);
    }

    private static Bundle bundle(String symbolicName) {
        for (Bundle bundle : context().getBundles()) {
            if (symbolicName.equals(bundle.getSymbolicName())) {
                return bundle;
            }
        }
        throw new AssertionError("There is no bundle " + symbolicName);
    }

    private static BundleContext context() {
        return runtime.framework().context();
    }
}
