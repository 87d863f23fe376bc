// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Where a command writes what it shows. Tells a reader who has had enough, which is no failure, from a place that takes nothing,
 * such as a full disk. Not {@link System#out}, which hides both, and is buffered.
 *
 * <p>One thread's.
 */
public final class StandardOutput extends OutputStream {
    /** Descriptor 1, whatever it is. */
    private static final Path PLACE = Path.of("/dev/fd/1");

    private static final int TYPE = 0170000;
    private static final int PIPE = 0010000;
    private static final int SOCKET = 0140000;

    private final OutputStream to;
    private final BooleanSupplier hasReader;
    private IOException failure;

    /** This process's. */
    StandardOutput() {
        this(new FileOutputStream(FileDescriptor.out), StandardOutput::hasReader);
    }

    /**
     * One that writes elsewhere.
     *
     * @param hasReader whether a program reads there, so that a failure means that it reads no more
     */
    StandardOutput(OutputStream to, BooleanSupplier hasReader) {
        this.to = to;
        this.hasReader = hasReader;
    }

    /** Whether a program reads this process's output, or did: it goes into a pipe or a socket. */
    public static boolean hasReader() {
        try {
            int type = (Integer) Files.getAttribute(PLACE, "unix:mode") & TYPE;
            return type == PIPE || type == SOCKET;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException closed) {
            return false;
        }
    }

    /** What is said where what was shown could not be written. */
    public static String complaint(String reason) {
        return "The output could not be written" + (reason == null ? "" : " (" + reason + ")");
    }

    /** What is to be said if not all could be written; empty if it could, or nobody wants it any more. */
    Optional<String> complaint() {
        return failure == null ? Optional.empty() : Optional.of(complaint(failure.getMessage()));
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        try {
            to.write(bytes, from, length);
        } catch (IOException e) {
            if (!hasReader.getAsBoolean()) {
                failure = e;
            }
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }
}
