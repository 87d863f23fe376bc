// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * Stops apps without making others wait for one that does not stop at once: it may have a handler that runs up to its time
 * limit, or an activator that hangs.
 *
 * <p><b>Threads.</b> Confined to the folder's, but for the stopping itself, which has a thread of its own for each app.
 */
final class Stops {
    /** Long enough for nearly all, and so short that nobody notices. */
    private static final Duration GRACE = Duration.ofMillis(200);

    private final Executor folder;

    /** The ids of the apps' bundles. */
    private final Set<Long> underWay = new HashSet<>();

    /** What is to be done later is done by this executor: the folder's thread. */
    Stops(Executor folder) {
        this.folder = folder;
    }

    /**
     * Stops an app, unless that is under way.
     *
     * @param options as for {@link Bundle#stop(int)}
     * @param then done once on the folder's thread when it has stopped, unless it has by now, or is under way: then what the
     *     first call was given is done
     * @return whether it has stopped by now
     */
    boolean stop(Bundle app, int options, Runnable then) {
        long id = app.getBundleId();
        if (underWay.contains(id)) {
            return false;
        }
        if ((app.getState() & (Bundle.STARTING | Bundle.ACTIVE | Bundle.STOPPING)) == 0) {
            return true;
        }
        var stop = new CompletableFuture<Void>();
        var thread = new Thread(() -> stop(app, options, stop), "callosum stop " + app.getSymbolicName());
        thread.setDaemon(true);
        thread.start();
        try {
            stop.get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // it is never completed so
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the folder is given up; the stop goes on
            return false;
        } catch (TimeoutException e) {
            underWay.add(id);
            stop.thenRun(() -> tell(id, then));
            return false;
        }
    }

    /** Whether it is being stopped, or has just been, and is waiting for what is to be done then. */
    boolean isUnderWay(Bundle app) {
        return underWay.contains(app.getBundleId());
    }

    private static void stop(Bundle app, int options, CompletableFuture<Void> stop) {
        try {
            app.stop(options);
        } catch (BundleException | IllegalStateException e) {
            return; // its activator threw: stopped all the same; or it was uninstalled meanwhile
        } finally {
            stop.complete(null);
        }
    }

    private void tell(long id, Runnable then) {
        try {
            folder.execute(() -> {
                underWay.remove(id);
                then.run();
            });
        } catch (RejectedExecutionException e) {
            return; // nobody follows the folder any more
        }
    }
}
