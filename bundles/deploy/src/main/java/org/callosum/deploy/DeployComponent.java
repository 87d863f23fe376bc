// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.felix.fileinstall.ArtifactInstaller;
import org.callosum.update.BundleChanges;
import org.callosum.update.ContentKeeper;
import org.callosum.update.JarContent;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Passes on to an {@link AppFolder}, on one thread, what File Install and the framework say. The rules are not here.
 *
 * <p>File Install asks for a jar's installer whenever the jar changes, and uninstalls what no longer has one: so every jar
 * of the folder is handled here, whole or not, there or not, and nothing is ever thrown at File Install. Of a folder that others
 * deploy from, every app is.
 */
@Component(
        service = {ArtifactInstaller.class, ContentKeeper.class},
        immediate = true)
public final class DeployComponent implements ArtifactInstaller, ContentKeeper, FrameworkListener {
    /** The framework property that names the apps' folder; without it, in Karaf, it is the one that Karaf deploys from. */
    static final String FOLDER_PROPERTY = "callosum.apps";

    private static final String KARAF_PROPERTY = "karaf.base";

    /** Jars that are copied together are reported together: one may be what another waits for. */
    private static final Duration SETTLING = Duration.ofMillis(400);

    /** A jar that is not whole and has not changed for this time will not become so by itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BundleContext context;
    private final Logger logger;
    private final Path folder;
    private final AppBundles bundles;
    private final AppFolder apps;
    private final ScheduledExecutorService thread;

    /** The two below are touched on the thread alone. */
    private boolean hasStarted;

    private Future<?> settling;
    private Future<?> losingPatience;

    @Activate
    public DeployComponent(
            BundleContext context,
            @Reference BundleChanges changes,
            @Reference ServiceComponentRuntime components,
            @Reference(service = LoggerFactory.class) Logger logger) {
        this.context = context;
        this.logger = logger;
        this.folder = folder(context);
        boolean isShared = context.getProperty(FOLDER_PROPERTY) == null;
        this.bundles = new AppBundles(context, folder, isShared, changes);
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            var worker = new Thread(task, "callosum deploy");
            worker.setDaemon(true);
            return worker;
        });
        this.apps = new AppFolder(
                bundles,
                new Components(components),
                new TakenJars(context.getDataFile("taken.properties").toPath()),
                context.getDataFile("incoming.jar").toPath(),
                this::follow,
                logger);
        this.hasStarted = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.ACTIVE;
        context.addFrameworkListener(this); // last: a constructor that throws is never deactivated
    }

    private static Path folder(BundleContext context) {
        String own = context.getProperty(FOLDER_PROPERTY);
        String karaf = context.getProperty(KARAF_PROPERTY);
        if (own != null) {
            return Path.of(own);
        } else if (karaf != null) {
            return Path.of(karaf).resolve("deploy");
        }
        throw new IllegalStateException("The framework property '" + FOLDER_PROPERTY
                + "' is not set: give it the absolute path of the apps' folder");
    }

    @Deactivate
    void deactivate() {
        context.removeFrameworkListener(this);
        thread.shutdownNow();
    }

    @Override
    public boolean canHandle(File artifact) {
        Path path = artifact.toPath();
        String name = path.getFileName().toString();
        return name.endsWith(".jar")
                && !name.startsWith(".")
                && folder.equals(path.getParent())
                && bundles.claims(path);
    }

    @Override
    public void install(File artifact) {
        update(artifact);
    }

    @Override
    public void update(File artifact) {
        perform(() -> apps.changed(artifact.toPath()));
    }

    @Override
    public void uninstall(File artifact) {
        perform(() -> apps.removed(artifact.toPath()));
    }

    @Override
    public String location(JarContent content) {
        return AppBundles.location(bundles.jarFor(content));
    }

    @Override
    public int startLevel() {
        return bundles.startLevel();
    }

    @Override
    public boolean keeps(Bundle bundle) {
        return bundles.isApp(bundle);
    }

    @Override
    public void keep(Bundle bundle, JarContent content) throws IOException {
        await(() -> apps.keep(bundle, content));
    }

    @Override
    public void drop(Bundle bundle) throws IOException {
        await(() -> apps.drop(bundle));
    }

    @Override
    public void frameworkEvent(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.STARTED) {
            submit(() -> {
                hasStarted = true;
                apps.settle(true);
                watchPartial();
            });
        } else if (event.getType() == FrameworkEvent.ERROR && event.getThrowable() instanceof BundleException failure) {
            submit(() -> {
                apps.failed(event.getBundle(), failure);
                settleSoon();
            });
        }
    }

    /** Does it on the thread and waits for it, so that File Install's first scan ends when the apps are installed. */
    private void perform(Runnable change) {
        if (context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.STOPPING) {
            return; // at the next start File Install will say it again
        }
        try {
            follow(change).get();
        } catch (ExecutionException e) {
            logger.error("A change in the apps' folder could not be followed: touch the jar to have it tried again", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            return; // stopped meanwhile
        }
    }

    private interface FileWork {
        void run() throws IOException;
    }

    /** Does it on the thread, between two changes of the folder, and waits for it. */
    private void await(FileWork work) throws IOException {
        try {
            thread.submit(() -> {
                        work.run();
                        settleSoon(); // it may be what others wait for
                        return null;
                    })
                    .get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before it was done");
        } catch (RejectedExecutionException e) {
            throw new IOException("the apps' folder is not watched any more", e);
        }
    }

    /** Does on the thread what others may wait for. */
    private Future<?> follow(Runnable change) {
        return submit(() -> {
            change.run();
            settleSoon();
        });
    }

    private Future<?> submit(Runnable task) {
        return thread.submit(task);
    }

    /** Before the framework has started, apps are not expected to run. */
    private void settleSoon() {
        if (!hasStarted) {
            return;
        }
        if (settling != null) {
            settling.cancel(false);
        }
        settling = thread.schedule(
                () -> {
                    apps.settle(true);
                    watchPartial();
                },
                SETTLING.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void watchPartial() {
        if (losingPatience != null) {
            losingPatience.cancel(false);
        }
        if (apps.hasPartial()) {
            losingPatience = thread.schedule(() -> apps.settle(false), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
