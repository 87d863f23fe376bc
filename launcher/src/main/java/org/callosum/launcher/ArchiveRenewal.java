// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.time.Duration;

/**
 * Has the class archive made anew where it does not fit, a while after the start and with what nobody else needs of the
 * machine: the next start is quick again. If it fails, nothing is lost but that.
 *
 * <p><b>Threads.</b> One of its own, a daemon.
 */
final class ArchiveRenewal {
    /** {@code off} leaves the archive alone. */
    static final String PROPERTY = "callosum.archive";

    /** Long enough that what there is to do after a start is done. */
    private static final Duration DELAY = Duration.ofMinutes(1);

    /** That another process is told to end takes no time; if it does, the end of this one is not to wait. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Distribution distribution;
    private final Thread thread;

    ArchiveRenewal(Distribution distribution) {
        this.distribution = distribution;
        this.thread = new Thread(this::renew, "callosum archive");
        thread.setDaemon(true);
    }

    void start() {
        if (!"off".equals(System.getProperty(PROPERTY))) {
            thread.start();
        }
    }

    private void renew() {
        try {
            Thread.sleep(DELAY.toMillis());
            if (!new ClassArchive(distribution).isCurrent()) {
                make();
            }
        } catch (InterruptedException e) {
            return; // the runtime has stopped
        } catch (IOException e) {
            System.err.println("callosum: no class archive: " + e);
        }
    }

    /** In a process of its own: what has lower priority is a process. */
    private void make() throws IOException, InterruptedException {
        String script = distribution.home().resolve("bin/callosum").toString();
        Process process = new ProcessBuilder("nice", "-n", "19", script, "archive")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            process.waitFor();
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    /** Ends what is under way. */
    void stop() throws InterruptedException {
        thread.interrupt();
        thread.join(PATIENCE.toMillis());
    }
}
