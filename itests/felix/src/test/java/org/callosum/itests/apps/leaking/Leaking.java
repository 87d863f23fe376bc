// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.leaking;

import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/**
 * Leaves behind what it is told to: a thread that waits for the gate, a thread local on a thread that is not its own, the
 * worker that it runs on.
 */
@Component(service = EventHandler.class)
@OnEvent(tract = "observe", event = "observed")
public final class Leaking implements CallosumEventHandler {
    private static final ThreadLocal<Mark> MARK = new ThreadLocal<>();

    private final Consumer<String> calls;
    private final Semaphore gate;
    private final Executor foreign;

    /** Of a class that only this version has. */
    private static final class Mark {}

    @Activate
    public Leaking(
            @Reference(target = "(probe=calls)") Consumer<String> calls,
            @Reference(target = "(probe=gate)") Semaphore gate,
            @Reference(target = "(probe=foreign)") Executor foreign) {
        this.calls = calls;
        this.gate = gate;
        this.foreign = foreign;
    }

    @Override
    public void handle(EventContext context) {
        switch (context.msg().string("leave").orElse("nothing")) {
            case "thread" -> new Thread(() -> gate.acquireUninterruptibly(), "left thread").start();
            case "local" -> foreign.execute(() -> MARK.set(new Mark()));
            case "worker" -> gate.acquireUninterruptibly();
            default -> {}
        }
        calls.accept("leaking " + context.msg().string("leave").orElse("nothing"));
    }
}
