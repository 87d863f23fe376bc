// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Semaphore;

import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Frame;
import org.callosum.remote.wire.FrameChannel;
import org.callosum.remote.wire.FrameType;
import org.callosum.remote.wire.Request;
import org.callosum.remote.wire.ShellSocket;

/**
 * A connection to the shell of a running service, for one request.
 *
 * <p><b>Threads.</b> {@link #run} is called once; a daemon of its own reads the input when it is asked for. Any thread may
 * resize, interrupt and close.
 */
public final class ShellClient implements AutoCloseable {
    /** Beside it there is a bus, or was. */
    private static final String BUS_SOCKET = "callosum.sock";

    private static final int INPUT_BYTES = 16 << 10;

    private final FrameChannel channel;

    /** How often input was asked for, and not given yet. */
    private final Semaphore wanted = new Semaphore(0);

    private ShellClient(FrameChannel channel) {
        this.channel = channel;
    }

    /**
     * Connects to the runtime of a journal.
     *
     * @throws NoRuntimeException if none is there yet, or none any more
     * @throws IOException if one is, and does not let this user in
     */
    public static ShellClient connect(Path journal) throws IOException {
        Path socket = ShellSocket.in(journal);
        try {
            return new ShellClient(new FrameChannel(SocketChannel.open(UnixDomainSocketAddress.of(socket))));
        } catch (ConnectException nobodyListens) {
            throw new NoRuntimeException("No runtime runs on journal '" + journal + "': '" + socket
                    + "' was left behind by one that was killed. 'callosum run' starts one");
        } catch (IOException e) {
            throw explained(journal, socket, e);
        }
    }

    /**
     * Says what is wanted and does what the other end says until it is done.
     *
     * @param in is read when somebody there reads
     * @param out takes the output; when it breaks, whoever read it has had enough, and all ends
     * @return how it ended
     * @throws IOException if the runtime stopped midway
     */
    public End run(Request request, InputStream in, OutputStream out, OutputStream error) throws IOException {
        Thread reader = new Thread(() -> feed(in), "callosum-shell-input");
        reader.setDaemon(true); // it may be reading when all is done
        reader.start();
        try {
            send(request.toFrame()); // a server that refuses has closed its end perhaps, but has said why before
            for (Frame frame = channel.read(); frame != null; frame = channel.read()) {
                switch (frame.type()) {
                    case OUTPUT -> {
                        if (!written(frame, out)) {
                            return End.DONE;
                        }
                    }
                    case ERROR -> written(frame, error);
                    case READ -> wanted.release();
                    case END -> {
                        return End.of(frame);
                    }
                    default -> {} // nothing that a server has to say
                }
            }
        } catch (IOException e) {
            throw new IOException("The runtime broke off: " + e.getMessage(), e);
        } finally {
            reader.interrupt();
        }
        throw new IOException(
                "The runtime closed the connection before all was done: it was stopped, or refuses this user");
    }

    /** Tells the terminal's new size. */
    public void resize(int columns, int rows) {
        send(Frame.size(columns, rows));
    }

    /** Ends the command that runs. */
    public void interrupt() {
        send(Frame.of(FrameType.INTERRUPT));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static IOException explained(Path journal, Path socket, IOException failure) {
        try {
            Files.readAttributes(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return new IOException(
                    "Socket '" + socket + "' cannot be opened (" + failure.getMessage() + "): the runtime is user "
                            + Files.getOwner(socket, LinkOption.NOFOLLOW_LINKS).getName()
                            + "'s, and its shell is open to that user and root only");
        } catch (NoSuchFileException e) {
            boolean isBus = Files.exists(socket.resolveSibling(BUS_SOCKET));
            return new NoRuntimeException("No runtime runs on journal '" + journal + "': there is no '" + socket + "'. "
                    + (isBus
                            ? "The bus there is another make's, or was left behind, or its shell is not enabled"
                            : "'callosum run' starts one; --journal or $SOLSTONE_JOURNAL names another journal"));
        } catch (AccessDeniedException e) {
            return new IOException("'" + socket + "' cannot be looked at: its folder is another user's", failure);
        } catch (IOException | IllegalArgumentException e) {
            return new IOException("Socket '" + socket + "' cannot be opened: " + failure.getMessage(), failure);
        }
    }

    private static boolean written(Frame frame, OutputStream to) {
        try {
            to.write(frame.bytes());
            to.flush();
            return true;
        } catch (IOException nobodyReads) {
            return false;
        }
    }

    private void feed(InputStream in) {
        byte[] buffer = new byte[INPUT_BYTES];
        try {
            while (true) {
                wanted.acquire();
                int count = in.read(buffer);
                if (count < 0) {
                    send(Frame.of(FrameType.INPUT_END));
                    return;
                }
                send(new Frame(FrameType.INPUT, Arrays.copyOf(buffer, count)));
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            send(Frame.of(FrameType.INPUT_END));
        }
    }

    private void send(Frame frame) {
        try {
            channel.write(frame);
        } catch (IOException e) {
            // Who reads from the runtime sees that it has gone.
        }
    }
}
