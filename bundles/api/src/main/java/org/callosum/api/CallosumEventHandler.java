// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventHandler;

/**
 * Handles events of the bus. An app implements it and publishes it as a service of type {@link EventHandler} with the
 * properties {@code tract} and {@code event}: {@link OnEvent} sets both.
 *
 * <pre>{@code
 * @Component(service = EventHandler.class)
 * @OnEvent(tract = "observe", event = "observed")
 * public final class Greeter implements CallosumEventHandler {
 *     @Override
 *     public void handle(EventContext context) {
 *         context.msg().string("segment").ifPresent(segment -> …);
 *     }
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> {@link #handle} is called on a worker thread of the runtime, for one event at a time: it returns, or
 * its time limit passes (30 s unless configured), before the next event begins. Other handlers of the same event run
 * beside it. A handler that overran runs on, is no longer waited for, and may then be called for a later event while the
 * earlier call still runs. The thread's context class loader is the one of the handler's class.
 *
 * <p>A plain {@link EventHandler} with the two properties works too; it gets the {@link Event} that
 * {@link EventContext#toEvent()} describes.
 */
@ConsumerType
@FunctionalInterface
public interface CallosumEventHandler extends EventHandler {
    /**
     * Handles one event.
     *
     * <p>Whatever it throws is logged with the app, the handler and the stack trace, and counted; it touches neither the
     * other handlers nor the runtime. When the handler's bundle stops and the time limit has passed, the thread is
     * interrupted: end then.
     *
     * @param context the event, never {@code null}; immutable, and may be kept
     * @throws Exception for any failure
     */
    void handle(EventContext context) throws Exception;

    /**
     * Hands an event that came as an OSGi {@link Event} to {@link #handle}. The runtime calls {@link #handle} directly;
     * this serves other callers of the standard interface.
     *
     * @param event an event made by {@link EventContext#toEvent()}
     * @throws IllegalArgumentException if the event is of another origin
     * @throws IllegalStateException if {@link #handle} threw a checked exception, which is its cause
     */
    @Override
    default void handleEvent(Event event) {
        try {
            handle(EventContext.from(event));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException(getClass().getName() + " failed on " + event.getTopic(), e);
        }
    }
}
