// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote;

import java.io.IOException;
import java.nio.ByteBuffer;

import org.callosum.api.KeyValues;
import org.callosum.remote.Interpreter.Conversation;
import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Frame;
import org.callosum.remote.wire.FrameChannel;
import org.callosum.remote.wire.FrameType;
import org.callosum.remote.wire.Request;
import org.osgi.service.log.Logger;

/**
 * One client, from its connection to its end.
 *
 * <p><b>Threads.</b> Three of its own: one talks, one hears what the client sends, one writes. When the talking one ends, all
 * end. Any thread may {@link #close()} it.
 */
final class ShellSession {
    private final int number;
    private final FrameChannel channel;
    private final Interpreter interpreter;
    private final Runnable afterwards;
    private final Logger logger;
    private final Outbox outbox;
    private final Inbox inbox;
    private final Thread talking;
    private final Thread hearing;
    private final Thread writing;
    private final long begunNanos = System.nanoTime();

    /** Written by the talking thread, read by any. */
    private volatile boolean isGreeted;

    /** Written by the talking thread before the hearing one starts. */
    private Conversation conversation;

    /**
     * A session that has not begun.
     *
     * @param afterwards is called when it has ended
     */
    ShellSession(int number, FrameChannel channel, Interpreter interpreter, Runnable afterwards, Logger logger) {
        this.number = number;
        this.channel = channel;
        this.interpreter = interpreter;
        this.afterwards = afterwards;
        this.logger = logger;
        this.outbox = new Outbox(channel);
        this.inbox = new Inbox(() -> outbox.put(Frame.of(FrameType.READ)));
        this.talking = thread("", this::talk);
        this.hearing = thread(" input", this::hear);
        this.writing = thread(" output", outbox);
    }

    private Thread thread(String role, Runnable work) {
        Thread thread = new Thread(work, "callosum shell " + number + role);
        thread.setDaemon(true);
        return thread;
    }

    /** Begins. */
    void start() {
        talking.start();
    }

    /** Whether the client has not said what it wants, although it had so long. */
    boolean isSilentFor(long nanos) {
        return !isGreeted && System.nanoTime() - begunNanos > nanos;
    }

    /** Ends it as if the client had gone. */
    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            logger.debug("The connection of shell {} could not be closed: {}", number, e.getMessage());
        }
        inbox.end();
        outbox.close();
    }

    /** Waits for its end, and not longer than so. */
    void join(long millis) throws InterruptedException {
        talking.join(Math.max(1, millis));
    }

    private void talk() {
        writing.start();
        try {
            End end = answer();
            Thread.interrupted(); // of a command, which has ended
            outbox.end(end.toFrame());
            writing.join(); // as long as the client takes: it may be a pager
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            logger.debug("Shell {} broke off: {}", number, e.getMessage());
        } finally {
            close();
            afterwards.run();
        }
    }

    private End answer() throws IOException {
        Frame hello = channel.read();
        if (hello == null) {
            throw new IOException("The client said nothing");
        }
        Request request;
        try {
            request = Request.of(hello);
            isGreeted = true;
        } catch (IOException e) {
            return new End(End.FAILED, e.getMessage());
        }
        try {
            conversation = interpreter.begin(
                    request, new Streams(inbox, outbox.stream(FrameType.OUTPUT), outbox.stream(FrameType.ERROR)));
        } catch (Exception | LinkageError e) {
            logger.warn("A shell cannot be opened: {}{}", e.getMessage(), KeyValues.of("reason", e.getMessage()), e);
            return new End(End.FAILED, "The runtime cannot open a shell: " + e.getMessage());
        }
        hearing.start();
        return conversation.run();
    }

    private void hear() {
        try {
            for (Frame frame = channel.read(); frame != null; frame = channel.read()) {
                take(frame);
            }
        } catch (IOException e) {
            logger.debug("Shell {} is heard no more: {}", number, e.getMessage());
        } finally {
            inbox.end();
            outbox.close(); // who waits for room for what nobody will read
            conversation.hangUp();
        }
    }

    private void take(Frame frame) throws IOException {
        switch (frame.type()) {
            case INPUT -> inbox.put(frame.bytes());
            case INPUT_END -> inbox.end();
            case SIZE -> {
                if (frame.bytes().length < 2 * Short.BYTES) {
                    throw new IOException("The frame " + FrameType.SIZE + " is cut off");
                }
                ByteBuffer size = ByteBuffer.wrap(frame.bytes());
                conversation.resize(Short.toUnsignedInt(size.getShort()), Short.toUnsignedInt(size.getShort()));
            }
            case INTERRUPT -> conversation.interrupt();
            default -> {} // nothing that a client has to say
        }
    }
}
