// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.callosum.api.Message;
import org.callosum.bus.Connection;
import org.callosum.remote.client.NoRuntimeException;
import org.callosum.remote.client.ShellClient;
import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Request;

/**
 * The messages that a running service has kept since its start, and then those that come: one stream, which its shell gives, so
 * that nothing is missing or doubled in between.
 *
 * <p><b>Threads.</b> One reads; a daemon of its own ends that when the time is up.
 */
final class KeptMessages {
    private static final String REPLAY = "callosum:replay --number 0 --follow --json";
    private static final String READY = "callosum:ready --wait 0";
    private static final long PAUSE_MILLIS = 100;

    private final Path journal;
    private final Duration timeout;
    private final Consumer<String> complaints;
    private final long begunNanos = System.nanoTime();

    /** Whether there were enough, or nobody reads any more. */
    private boolean isOver;

    private long invalidLines;

    /** What is to be closed when the time is up. */
    private volatile ShellClient current;

    /** Written before the connection is closed for that. */
    private volatile boolean isTimeUp;

    /**
     * Those of the runtime on this journal.
     *
     * @param timeout after which it ends; {@code null} for never
     * @param complaints takes what the runtime has to say beside the messages
     */
    KeptMessages(Path journal, Duration timeout, Consumer<String> complaints) {
        this.journal = journal;
        this.timeout = timeout;
        this.complaints = complaints;
    }

    /**
     * Lists them until there are enough, nobody reads any more, or the time is up. With a time, a runtime that is not there yet,
     * or not whole, is waited for.
     *
     * @return whether the time was up before there were enough
     * @throws IOException if there is no runtime, it has nothing to give, or it stopped midway; the message can be shown
     */
    boolean list(Listing listing) throws IOException {
        if (timeout != null) {
            startTimer();
        }
        while (true) {
            IOException problem;
            try (ShellClient client = ShellClient.connect(journal)) {
                current = client;
                End end = client.run(request(REPLAY), InputStream.nullInputStream(), output(listing), errors());
                if (isOver) {
                    return false;
                }
                problem = new IOException(
                        end.message().isEmpty() ? "The runtime has ended the listening" : end.message());
                if (listing.seen() > 0 || isReady()) {
                    throw problem; // it will not be another one if it is asked again
                }
            } catch (NoRuntimeException notYet) {
                problem = notYet;
            } catch (IOException e) {
                if (isTimeUp) {
                    return true;
                }
                throw e;
            }
            if (timeout == null || System.nanoTime() - begunNanos >= timeout.toNanos()) {
                throw problem;
            }
            pause();
        }
    }

    /** How many lines were no messages and not listed. */
    long invalidLines() {
        return invalidLines;
    }

    private LineOutput output(Listing listing) {
        return new LineOutput(
                line -> {
                    isOver = true; // should nobody read what is written
                    add(line, listing);
                    if (listing.isEnough()) {
                        listing.flush();
                        throw new IOException("Enough"); // so that the runtime is not listened to any more
                    }
                    isOver = false;
                },
                () -> {
                    isOver = true;
                    listing.flush();
                    isOver = false;
                });
    }

    private void add(byte[] line, Listing listing) throws IOException {
        Message message;
        try {
            message = Connection.parse(line);
        } catch (IllegalArgumentException notAMessage) {
            invalidLines++;
            return;
        }
        listing.add(message);
    }

    private LineOutput errors() {
        return new LineOutput(line -> complaints.accept(new String(line, StandardCharsets.UTF_8)), () -> {});
    }

    private boolean isReady() {
        try (ShellClient client = ShellClient.connect(journal)) {
            OutputStream nowhere = OutputStream.nullOutputStream();
            return client.run(request(READY), InputStream.nullInputStream(), nowhere, nowhere)
                            .status()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Request request(String commands) {
        return new Request(commands, "", 0, 0);
    }

    private void startTimer() {
        Thread timer = new Thread(
                () -> {
                    try {
                        TimeUnit.NANOSECONDS.sleep(timeout.toNanos());
                        isTimeUp = true;
                        ShellClient client = current;
                        if (client != null) {
                            client.close();
                        }
                    } catch (InterruptedException | IOException e) {
                        Thread.currentThread().interrupt(); // nobody does that, and nothing is left to be done
                    }
                },
                "callosum-listen-timeout");
        timer.setDaemon(true);
        timer.start();
    }

    private static void pause() throws InterruptedIOException {
        try {
            Thread.sleep(PAUSE_MILLIS); // nobody tells of a socket that comes
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while there was no runtime yet");
        }
    }
}
