// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process that greets, and from its greeting on writes down which numbered frames it gets: two numbers for each, sender and
 * number. It ends when it gets the frame number 0 of the sender 0, or at the end of its standard input.
 *
 * <p>Arguments: socket, tract, its number among all, the file to write to.
 */
final class ReceiverProcess {
    private ReceiverProcess() {}

    /** The process's entrance. */
    public static void main(String[] args) throws Exception {
        NumberedFrame greeting = new NumberedFrame(Integer.parseInt(args[2]), 0);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(Path.of(args[0])));
                DataOutputStream seen = new DataOutputStream(
                        new BufferedOutputStream(Files.newOutputStream(Path.of(args[3])), 1 << 16))) {
            SenderProcess.onEndOfInput(() -> shutdown(channel));
            channel.write(ByteBuffer.wrap(greeting.toLine(args[1])));
            NumberedLines lines = new NumberedLines(channel, args[1]);
            boolean isGreeted = false;
            for (NumberedFrame frame = lines.next(); frame != null; frame = lines.next()) {
                if (!isGreeted && frame.equals(greeting)) {
                    isGreeted = true;
                    System.out.println("joined");
                }
                if (isGreeted) {
                    seen.writeInt(frame.sender());
                    seen.writeInt(frame.number());
                }
                if (frame.equals(TotalOrderIT.END)) {
                    seen.flush();
                    System.out.println("done");
                    return;
                }
            }
            seen.flush();
            System.out.println("left");
        }
    }

    private static void shutdown(SocketChannel channel) {
        try {
            channel.shutdownInput();
        } catch (IOException e) {
            // It is closed: what was wanted.
        }
    }
}
