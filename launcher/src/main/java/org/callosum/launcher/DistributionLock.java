// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * One process at a time runs a distribution: two would share its cache. The lock is the operating system's, so that it
 * ends with the process however that ends; the file says who holds it.
 */
final class DistributionLock implements AutoCloseable {
    private final FileChannel channel;

    private DistributionLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, which is held until it is closed or the process ends.
     *
     * @throws LaunchException if another process holds it, or it cannot be written
     */
    static DistributionLock acquire(Distribution distribution) throws LaunchException {
        Path file = distribution.data().resolve("lock");
        try {
            Files.createDirectories(file.getParent());
            var channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                String holder = Files.readString(file).strip();
                channel.close();
                throw new LaunchException("'" + distribution.home() + "' is running already"
                        + (holder.isEmpty() ? "" : ": " + holder)
                        + ". Stop that process first, or run a copy of the distribution.");
            }
            String holder = "process " + ProcessHandle.current().pid() + " since "
                    + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n";
            channel.truncate(0).write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
            return new DistributionLock(channel);
        } catch (AccessDeniedException e) {
            throw new LaunchException(
                    "'" + distribution.data()
                            + "' cannot be written: run a copy of the distribution in a folder of yours.",
                    e);
        } catch (IOException e) {
            throw new LaunchException("'" + file + "' cannot be locked: " + e, e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this process
        }
    }

    /** Lets go. The file stays, empty: a removed one could be locked by two, each holding a file of its own. */
    @Override
    public void close() throws IOException {
        channel.truncate(0);
        channel.close();
    }
}
