// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * One run of the runtime in this process, from the start of the framework to its end.
 *
 * <p><b>Threads.</b> {@link #run} stays on the thread that called it. A signal's thread, or the JVM's end, stops the
 * framework, which ends it.
 */
final class Launch {
    /** A shell opens after this time even if not all is up: it is what one finds out with. */
    private static final Duration SHELL_DELAY = Duration.ofSeconds(10);

    private final Distribution distribution;
    private final Path journal;
    private final boolean shell;
    private final boolean safe;
    private final ReadyLine readyLine;

    private FrameworkErrors errors;
    private Framework framework;
    private long stopMillis;

    /**
     * A run that has not begun.
     *
     * @param journal the journal's folder, absolute
     * @param shell whether to open a shell on the terminal
     * @param safe whether to start no app
     * @param out where the ready line goes
     */
    Launch(Distribution distribution, Path journal, boolean shell, boolean safe, PrintStream out) {
        this.distribution = distribution;
        this.journal = journal;
        this.shell = shell;
        this.safe = safe;
        this.readyLine = new ReadyLine(out, ProcessAge::now);
    }

    /**
     * Starts the runtime and returns when it has stopped.
     *
     * @throws LaunchException if it cannot be started
     */
    void run() throws LaunchException, InterruptedException {
        List<SystemBundle> bundles = SystemBundle.list(distribution.system());
        try {
            prepare(bundles);
            List<Bundle> installed = install(bundles);
            readyLine.watch(framework.getBundleContext());
            StopSignals.handle(this::stop);
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "callosum stop"));
            errors.silence(); // the log has them from here on
            resolve(installed);
            framework.start();
            reportIdle(installed);
            if (safe) {
                say(
                        "safe mode: the apps are installed and none is started. 'stop <id>' or 'callosum:remove <app>' in the"
                                + " shell, or a jar deleted from apps/, takes one out; 'frameworklevel "
                                + FrameworkProperties.START_LEVEL
                                + "' starts the others, and so does the next run without --safe");
            }
            if (shell) {
                readyLine.await(SHELL_DELAY);
                startShell(bundles);
            }
            framework.waitForStop(0);
        } catch (IOException | BundleException e) {
            throw new LaunchException("the runtime cannot be started: " + e, e);
        }
    }

    /** The bundles that are there, while it runs. */
    List<Bundle> bundles() {
        return List.of(framework.getBundleContext().getBundles());
    }

    /** Makes a framework with a cache that fits and that it can read. */
    private void prepare(List<SystemBundle> bundles) throws IOException, BundleException, LaunchException {
        var cache = new FrameworkCache(distribution, bundles);
        if (cache.isOutdated()) {
            say("the distribution is another one than at the last run: data/cache is rebuilt");
            cache.clear();
        }
        cache.claim();
        if (!initialize()) {
            say("data/cache cannot be used: it is rebuilt");
            cache.clear();
            cache.claim();
            if (!initialize()) {
                throw new LaunchException("the framework cannot use '" + distribution.cache() + "'");
            }
        }
    }

    private boolean initialize() throws LaunchException {
        Map<String, Object> properties = FrameworkProperties.of(distribution, journal, shell, safe);
        stopMillis = stopMillis(properties.get(FrameworkProperties.STOP_MILLIS).toString());
        errors = new FrameworkErrors();
        properties.put("felix.log.logger", errors);
        framework = new FrameworkFactory().newFramework(properties);
        try {
            framework.init();
            if (errors.count() == 0) {
                return true;
            }
            framework.stop();
            framework.waitForStop(stopMillis);
        } catch (BundleException | RuntimeException e) {
            say("the framework cannot be initialized: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /** Installs what is not installed yet. What is, stays as an operator left it. */
    private List<Bundle> install(List<SystemBundle> bundles) throws BundleException {
        BundleContext context = framework.getBundleContext();
        List<Bundle> installed = new ArrayList<>();
        for (SystemBundle each : bundles) {
            Bundle bundle = context.getBundle(each.location());
            if (bundle == null) {
                bundle = context.installBundle(each.location());
                bundle.adapt(BundleStartLevel.class).setStartLevel(each.startLevel());
                if (!each.isShell() && bundle.getHeaders().get("Fragment-Host") == null) {
                    bundle.start(Bundle.START_ACTIVATION_POLICY);
                }
            }
            installed.add(bundle);
        }
        return installed;
    }

    /** What is to be started, at once, which takes less time than one by one at the start of each. */
    private void resolve(List<Bundle> bundles) {
        framework
                .adapt(FrameworkWiring.class)
                .resolveBundles(bundles.stream().filter(Launch::shouldRun).toList());
    }

    private static boolean shouldRun(Bundle bundle) {
        return bundle.adapt(BundleStartLevel.class).isPersistentlyStarted();
    }

    /** A bundle of the runtime that should run and does not: the log has the cause, if there is a log. */
    private void reportIdle(List<Bundle> bundles) {
        for (Bundle bundle : bundles) {
            if (shouldRun(bundle) && (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) == 0 && !isStopping()) {
                say("'" + bundle.getSymbolicName() + "' did not start: the log says why");
            }
        }
    }

    private boolean isStopping() {
        return framework.getState() != Bundle.ACTIVE;
    }

    private void startShell(List<SystemBundle> bundles) throws BundleException {
        // The line editor looks for its ways to a terminal in the thread's loader, and in its own where there is none.
        // In ours it finds nothing and takes the terminal for a dumb one: no editing, and a Ctrl-C that stops it all.
        Thread.currentThread().setContextClassLoader(null);
        for (SystemBundle each : bundles) {
            if (each.isShell() && !isStopping()) {
                framework.getBundleContext().getBundle(each.location()).start(Bundle.START_TRANSIENT);
            }
        }
    }

    /** Stops the framework and waits for it. Does nothing if it has stopped; the second of two waits with the first. */
    void stop() {
        try {
            framework.stop();
            FrameworkEvent end = framework.waitForStop(stopMillis);
            if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
                say("did not stop within " + stopMillis + " ms: ended");
                Runtime.getRuntime().halt(1);
            }
        } catch (BundleException e) {
            say("the framework cannot be stopped: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long stopMillis(String text) throws LaunchException {
        try {
            return Math.max(1, Long.parseLong(text.strip())); // 0 would be for ever
        } catch (NumberFormatException e) {
            throw new LaunchException("'" + FrameworkProperties.STOP_MILLIS + "' is '" + text + "' in etc/"
                    + FrameworkProperties.FILE + ": give a number of milliseconds.");
        }
    }

    private static void say(String line) {
        System.err.println("callosum: " + line);
    }
}
