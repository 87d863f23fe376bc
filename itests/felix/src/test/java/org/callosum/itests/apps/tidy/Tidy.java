// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.tidy;

import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Semaphore;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * An app that does what apps do, and may: sets a thread local that it never removes, runs a timer that it stops, logs, uses
 * JSON, emits, fails with an exception of its own; and hangs, if it is told to, without taking notice of an interrupt.
 */
@Component(service = EventHandler.class)
@OnEvent(tract = "observe", event = "observed")
public final class Tidy implements CallosumEventHandler {
    /** Of a class that only this version has. */
    private static final class Mark {}

    /** Refers to this version's classes by its stack and by itself. */
    private static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Object mark = new Mark();

        @Override
        public String toString() {
            return "failure of " + mark.getClass().getSimpleName();
        }
    }

    private static final ThreadLocal<Mark> MARK = new ThreadLocal<>();

    private final Callosum callosum;
    private final Logger logger;
    private final Semaphore gate;
    private final Timer timer = new Timer("tidy", true);

    @Activate
    public Tidy(
            @Reference Callosum callosum,
            @Reference(service = LoggerFactory.class) Logger logger,
            @Reference(target = "(probe=gate)") Semaphore gate) {
        this.callosum = callosum;
        this.logger = logger;
        this.gate = gate;
        timer.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        logger.debug("tick");
                    }
                },
                0,
                1);
    }

    @Deactivate
    void deactivate() {
        timer.cancel();
    }

    @Override
    public void handle(EventContext context) {
        MARK.set(new Mark());
        Message parsed = Message.parse("""
                {"tract":"t","event":"e","list":[1,{"a":null}]}""");
        logger.info("handled {}", parsed.toMap());
        callosum.emit("tidy", "handled", Map.of("list", parsed.toMap().get("list")));
        switch (context.msg().string("do").orElse("")) {
            case "fail" -> throw new Failure();
            case "hang" -> gate.acquireUninterruptibly();
            default -> {}
        }
    }
}
