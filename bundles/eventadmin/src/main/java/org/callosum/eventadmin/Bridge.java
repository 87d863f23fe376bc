// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.function.LongSupplier;

import org.callosum.api.Callosum;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.log.Logger;

/**
 * The two directions, each there while it is configured: while it is not, it has no thread and no service.
 *
 * <p><b>Threads.</b> Any. A change waits for the one before, and for the end of a direction that is turned off.
 */
final class Bridge {
    private final Registrar registrar;
    private final LongSupplier nanos;
    private final Logger logger;
    private final Origins origins;

    // All below is guarded by this. No handler of ours waits for it.
    private EventAdmin eventAdmin;
    private Callosum callosum;
    private ToEventAdmin toEventAdmin;
    private ToBus toBus;

    /** A bridge with both directions off. */
    Bridge(Registrar registrar, LongSupplier nanos, Logger logger) {
        this.registrar = registrar;
        this.nanos = nanos;
        this.logger = logger;
        this.origins = new Origins(nanos);
    }

    /** Starts, changes and ends the directions. */
    synchronized void apply(Settings settings) {
        if (settings.tracts().isEmpty()) {
            stopToEventAdmin();
        } else if (toEventAdmin != null) {
            toEventAdmin.apply(settings);
        } else {
            toEventAdmin = new ToEventAdmin(registrar, origins, settings, nanos, logger);
            toEventAdmin.use(eventAdmin);
        }
        if (settings.topics().isEmpty()) {
            stopToBus();
        } else if (toBus != null) {
            toBus.apply(settings);
        } else {
            toBus = new ToBus(registrar, origins, settings, nanos, logger);
            toBus.use(callosum);
        }
    }

    /** Messages are posted there from now on. */
    synchronized void use(EventAdmin now) {
        eventAdmin = now;
        if (toEventAdmin != null) {
            toEventAdmin.use(now);
        }
    }

    /** That one goes: messages wait for the next. Does nothing if it has come already. */
    synchronized void leave(EventAdmin gone) {
        if (eventAdmin == gone) {
            use((EventAdmin) null);
        }
    }

    /** Events are emitted there from now on. */
    synchronized void use(Callosum now) {
        callosum = now;
        if (toBus != null) {
            toBus.use(now);
        }
    }

    /** That one goes: events wait for the next. Does nothing if it has come already. */
    synchronized void leave(Callosum gone) {
        if (callosum == gone) {
            use((Callosum) null);
        }
    }

    /** Ends both directions. */
    synchronized void stop() {
        stopToBus();
        stopToEventAdmin();
    }

    private void stopToEventAdmin() {
        if (toEventAdmin != null) {
            toEventAdmin.stop();
            toEventAdmin = null;
            origins.clear();
        }
    }

    private void stopToBus() {
        if (toBus != null) {
            toBus.stop();
            toBus = null;
        }
    }
}
