// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process that sends numbered frames as fast as they come back, with {@value #ON_THEIR_WAY} on their way, until its standard input
 * ends; then it waits until all have come back.
 * It says the number of each frame whose bytes its socket has taken, so that this is known when it is killed.
 *
 * <p>Arguments: socket, tract, its number among the senders.
 */
final class SenderProcess {
    /** Enough that the bus always has some of each, and few enough that who joins has not to wait behind all of them. */
    private static final int ON_THEIR_WAY = 300;

    private SenderProcess() {}

    /** The process's entrance. */
    public static void main(String[] args) throws Exception {
        String tract = args[1];
        int sender = Integer.parseInt(args[2]);
        AtomicBoolean isToEnd = new AtomicBoolean();
        onEndOfInput(() -> isToEnd.set(true));
        AtomicInteger last = new AtomicInteger(Integer.MAX_VALUE);
        CountDownLatch allCameBack = new CountDownLatch(1);
        Semaphore room = new Semaphore(ON_THEIR_WAY);
        PrintStream out = System.out;
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(Path.of(args[0])))) {
            Thread reader = new Thread(() -> readOwn(channel, tract, sender, last, allCameBack, room), "reader");
            reader.setDaemon(true);
            reader.start();
            int number = 0;
            while (!isToEnd.get()) {
                room.acquire();
                ByteBuffer frame = ByteBuffer.wrap(new NumberedFrame(sender, ++number).toLine(tract));
                while (frame.hasRemaining()) {
                    channel.write(frame);
                }
                out.println(number);
            }
            // One more, so that the reader that is told of the last one sees it come.
            last.set(++number);
            channel.write(ByteBuffer.wrap(new NumberedFrame(sender, number).toLine(tract)));
            out.println(number);
            allCameBack.await();
        }
        out.println("done");
    }

    private static void readOwn(
            SocketChannel channel,
            String tract,
            int sender,
            AtomicInteger last,
            CountDownLatch allCameBack,
            Semaphore room) {
        NumberedLines lines = new NumberedLines(channel, tract);
        try {
            for (NumberedFrame frame = lines.next(); frame != null; frame = lines.next()) {
                if (frame.sender() == sender) {
                    room.release();
                    if (frame.number() == last.get()) {
                        allCameBack.countDown();
                    }
                }
            }
            System.out.println("The bus closed the connection");
        } catch (IOException | AssertionError e) {
            System.out.println(e);
        }
    }

    /** Whoever started this process ends it by closing its standard input, or by its own end. */
    static void onEndOfInput(Runnable action) {
        Thread input = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // Nothing is said there.
                        }
                    } catch (IOException e) {
                        // An end, too.
                    }
                    action.run();
                },
                "input");
        input.setDaemon(true);
        input.start();
    }
}
