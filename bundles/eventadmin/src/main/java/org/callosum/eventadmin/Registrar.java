// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.Map;

import org.osgi.service.event.EventHandler;

/** Makes a service of a handler. */
interface Registrar {
    /** A handler's service. */
    interface Registration {
        /** Replaces the service's properties. */
        void set(Map<String, Object> properties);

        void close();
    }

    Registration register(EventHandler handler, Map<String, Object> properties);
}
