// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A connection as frames.
 *
 * <p><b>Threads.</b> One reads, any may write and any may close; who is interrupted while he reads or writes closes the
 * connection, as with every channel. So nothing here may run on a thread that somebody's command runs on.
 */
public final class FrameChannel implements AutoCloseable {
    private static final int HEAD_BYTES = 1 + Integer.BYTES;

    private final SocketChannel channel;
    private final ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);

    /** Speaks over a channel that blocks. */
    public FrameChannel(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * The next frame; waits for it.
     *
     * @return {@code null} if the other end has closed the connection between two frames
     * @throws IOException if it broke off within one, or sends what is none
     */
    public Frame read() throws IOException {
        while (true) {
            head.clear();
            if (!fill(head)) {
                return null;
            }
            FrameType type = FrameType.of(head.get());
            int length = head.getInt();
            if (length < 0 || length > Frame.MAX_BYTES) {
                throw new IOException("A frame of " + Integer.toUnsignedString(length) + " bytes came, and "
                        + Frame.MAX_BYTES + " are allowed: whoever is there speaks something else");
            }
            ByteBuffer bytes = ByteBuffer.allocate(length);
            if (length > 0 && !fill(bytes)) {
                throw new EOFException("The connection ended within a frame");
            }
            if (type != null) {
                return new Frame(type, bytes.array());
            }
        }
    }

    /** Writes a frame, whole. */
    public synchronized void write(Frame frame) throws IOException {
        ByteBuffer[] both = {
            ByteBuffer.allocate(HEAD_BYTES)
                    .put((byte) frame.type().code())
                    .putInt(frame.bytes().length)
                    .flip(),
            ByteBuffer.wrap(frame.bytes())
        };
        while (both[0].hasRemaining() || both[1].hasRemaining()) {
            channel.write(both);
        }
    }

    /** Ends it; who reads or writes gets an exception. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Whether the buffer is full; not if the end came before its first byte. */
    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (buffer.position() == 0) {
                    return false;
                }
                throw new EOFException("The connection ended within a frame");
            }
        }
        buffer.flip();
        return true;
    }
}
