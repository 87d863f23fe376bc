// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.osgi.util.tracker.ServiceTracker;

/** An EventAdmin as a bundle in its own framework, with handlers as services: as it is used. */
final class EventAdminWay implements Way {
    /** Where the build puts the jars. */
    static final String JARS = "callosum.itests.bench.jars";

    private static final String PREFIX = "callosum/";

    private static final Event TOLD = new Event(PREFIX + TRACT + "/" + EVENT, Map.of("day", "20260101"));

    private final Framework framework;
    private final Path cache;
    private final EventAdmin admin;
    private final boolean isPosting;

    private EventAdminWay(
            String frameworkJar,
            List<String> bundleJars,
            int timeoutMillis,
            boolean isPosting,
            List<CountingHandler> handlers,
            int idle)
            throws BundleException, IOException, InterruptedException {
        this.isPosting = isPosting;
        cache = Files.createTempDirectory("callosum-bench");
        framework = framework(
                frameworkJar, cache, Map.of("org.apache.felix.eventadmin.Timeout", Integer.toString(timeoutMillis)));
        framework.start();
        BundleContext context = framework.getBundleContext();
        List<Bundle> bundles = new ArrayList<>();
        for (String jar : bundleJars) {
            bundles.add(context.installBundle(jar(jar).toUri().toString()));
        }
        for (Bundle bundle : bundles) {
            bundle.start();
        }
        for (CountingHandler handler : handlers) {
            register(context, TOLD.getTopic(), handler);
        }
        CountingHandler never = new CountingHandler(Work.NONE);
        for (int i = 0; i < idle; i++) {
            register(context, PREFIX + "idle" + i + "/" + EVENT, never);
        }
        ServiceTracker<EventAdmin, EventAdmin> tracker = new ServiceTracker<>(context, EventAdmin.class, null);
        tracker.open();
        admin = tracker.waitForService(10_000);
        if (admin == null) {
            throw new IllegalStateException("No EventAdmin came up within 10 s, of " + bundles);
        }
    }

    /** Felix's, in Felix. Without a time limit if that is 0. */
    static Opener felix(int timeoutMillis, boolean isPosting) {
        return (handlers, idle) -> new EventAdminWay(
                "org.apache.felix.framework",
                List.of("org.apache.felix.eventadmin"),
                timeoutMillis,
                isPosting,
                handlers,
                idle);
    }

    /** Equinox's, in Equinox; it has no time limit. */
    static Opener equinox(boolean isPosting) {
        return (handlers, idle) -> new EventAdminWay(
                "org.eclipse.osgi",
                List.of(
                        "org.osgi.util.function",
                        "org.osgi.util.promise",
                        "org.osgi.service.component",
                        "org.apache.felix.scr",
                        "org.eclipse.equinox.event"),
                0,
                isPosting,
                handlers,
                idle);
    }

    /** The file name of a jar: its artifact and its version. */
    static Path jar(String artifact) throws IOException {
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty(JARS)))) {
            return jars.filter(jar -> jar.getFileName().toString().matches(artifact + "-[0-9][^/]*\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "No " + artifact + " in " + System.getProperty(JARS) + ": build this module"));
        }
    }

    /** A framework that shares the types of events with the class path, not started. */
    static Framework framework(String jar, Path cache, Map<String, String> settings) throws IOException {
        Map<String, String> all = new HashMap<>(settings);
        all.put("org.osgi.framework.storage", cache.toString());
        all.put("org.osgi.framework.system.packages.extra", "org.osgi.service.event;version=1.4.0");
        return factory(jar).newFramework(all);
    }

    /** Of a class loader of its own, since two frameworks share no class path. */
    private static FrameworkFactory factory(String jar) throws IOException {
        URLClassLoader loader = new URLClassLoader(new URL[] {url(jar(jar))}, EventAdminWay.class.getClassLoader());
        return ServiceLoader.load(FrameworkFactory.class, loader).findFirst().orElseThrow();
    }

    private static URL url(Path path) throws MalformedURLException {
        return path.toUri().toURL();
    }

    private static void register(BundleContext context, String topic, EventHandler handler) {
        context.registerService(
                EventHandler.class, handler, new Hashtable<>(Map.of(EventConstants.EVENT_TOPIC, topic)));
    }

    @Override
    public void hand(int events) {
        for (int i = 0; i < events; i++) {
            if (isPosting) {
                admin.postEvent(TOLD);
            } else {
                admin.sendEvent(TOLD);
            }
        }
    }

    @Override
    public void close() throws Exception {
        close(framework, cache);
    }

    /** Stops it and deletes what it kept. */
    static void close(Framework framework, Path cache) throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
        try (Stream<Path> files = Files.walk(cache)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
