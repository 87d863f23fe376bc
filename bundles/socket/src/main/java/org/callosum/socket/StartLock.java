// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.socket;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock that is held while a socket file is looked at, bound or removed, by one thread of one process at a time: an
 * empty file {@code <name>.lock} beside it. The file stays: removing it would let a third process lock a new one while a
 * second has just locked the old one.
 *
 * <p><b>Threads.</b> Any thread; the one that took the lock gives it up.
 */
final class StartLock implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * The system's lock is the process's: a second thread would not wait for it, and by closing the file, as every reader
     * of it would, give up the first one's.
     */
    private static final ReentrantLock IN_PROCESS = new ReentrantLock();

    private final FileChannel channel;

    private StartLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock beside a file, and waits while others hold it: a few milliseconds each.
     *
     * @throws IOException if it was not free within five seconds, or cannot be made
     */
    static StartLock beside(Path file) throws IOException {
        IN_PROCESS.lock();
        try {
            return new StartLock(lock(file.resolveSibling(file.getFileName() + ".lock")));
        } catch (IOException | RuntimeException e) {
            IN_PROCESS.unlock();
            throw e;
        }
    }

    /** Gives the lock up. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            IN_PROCESS.unlock();
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        boolean isLocked = false;
        try {
            long begin = System.nanoTime();
            while (channel.tryLock() == null) {
                if (System.nanoTime() - begin > PATIENCE_NANOS) {
                    throw new IOException("'" + path + "' is held by another process, for more than 5 s: it starts or"
                            + " stops at the same place; try again when it is done");
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            isLocked = true;
            return channel;
        } finally {
            if (!isLocked) {
                channel.close();
            }
        }
    }
}
