// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import org.callosum.api.EmitRefusedException;

/** A program that {@link PlainProgramIT} starts outside of OSGi; it says on its standard output how far it is. */
public final class PlainProgram {
    private PlainProgram() {}

    /**
     * Emits before there is a bus, hears it when there is one, and again after a restart; then it closes.
     *
     * @param args the socket
     */
    public static void main(String[] args) throws Exception {
        sayWhere("org.osgi.service.log.Logger");
        sayWhere("com.fasterxml.jackson.core.JsonFactory");
        CountDownLatch done = new CountDownLatch(2);
        CallosumClient client = CallosumClient.builder()
                .socket(Path.of(args[0]))
                .reconnect(Duration.ofMillis(1), Duration.ofMillis(20))
                .onGap(gap -> say("gap " + gap.reason()))
                .onConnection(new ConnectionListener() {
                    @Override
                    public void connected() {
                        say("connected");
                    }

                    @Override
                    public void lost(String reason) {
                        say("lost");
                    }
                })
                .build();
        client.listen("plain", "program", message -> {
            throw new IllegalStateException("thrown by a test");
        });
        client.listen("plain", CallosumClient.ANY, message -> {
            say("heard " + message.longNumber("n").orElseThrow() + (message.ts().isPresent() ? ", stamped" : ""));
            done.countDown();
        });
        say(client.emit("plain", "program", Map.of("n", 1)).name());
        client.connect();
        done.await();
        client.close();
        try {
            client.emit("plain", "program", Map.of());
        } catch (EmitRefusedException e) {
            say("refused");
        }
        say("failures " + client.status().counters().get("listenerFailures"));
        say("threads "
                + Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("callosum"))
                        .count());
    }

    /** Says whether a class is there at all. */
    private static void sayWhere(String name) {
        try {
            say(name + " is in " + module(Class.forName(name)));
        } catch (ClassNotFoundException e) {
            say(name + " is nowhere");
        }
    }

    private static String module(Class<?> type) {
        return type.getModule().isNamed() ? type.getModule().getName() : "a jar";
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
