// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Request;

/** Understands a few commands, and remembers what it was told. */
final class FakeInterpreter implements Interpreter {
    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    final Semaphore begun = new Semaphore(0);
    final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public Conversation begin(Request request, Streams streams) {
        begun.release();
        return new Conversation() {
            private final CountDownLatch ended = new CountDownLatch(1);

            @Override
            public End run() {
                try {
                    return answer(request.isInteractive() ? "" : request.commands());
                } catch (IOException | InterruptedException e) {
                    told.add(e.getClass().getSimpleName());
                    return new End(End.FAILED, String.valueOf(e.getMessage()));
                }
            }

            private End answer(String command) throws IOException, InterruptedException {
                switch (command) {
                    case "copy" -> streams.in().transferTo(streams.out());
                    case "both" -> {
                        streams.out().write("out ".getBytes(StandardCharsets.UTF_8));
                        streams.error().write("error ".getBytes(StandardCharsets.UTF_8));
                    }
                    case "wait" -> ended.await();
                    case "flood" -> {
                        byte[] bytes = new byte[64 << 10];
                        while (ended.getCount() > 0) {
                            streams.out().write(bytes);
                        }
                    }
                    default -> {
                        return new End(3, "what is '" + command + "'?");
                    }
                }
                return End.DONE;
            }

            @Override
            public void resize(int columns, int rows) {
                told.add(columns + "x" + rows);
                ended.countDown();
            }

            @Override
            public void interrupt() {
                told.add("interrupt");
                ended.countDown();
            }

            @Override
            public void hangUp() {
                told.add("hang up");
                ended.countDown();
            }
        };
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
