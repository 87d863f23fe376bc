// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.List;

import org.callosum.api.EventContext;
import org.callosum.api.Message;

/** One event on its way through its handlers. Used by one thread, but for {@link #open}. */
final class Dispatch {
    final List<Invocation> invocations;

    /** The handlers that had left when their turn came, or whose service could not be had. */
    final List<Handler> refused = new ArrayList<>(0);

    /** How many of its invocations are waited for. Guarded by the lock of {@link Workers}. */
    int open;

    /** What its handlers have to be told first. */
    final Gaps gaps;

    Dispatch(Message message, List<Handler> handlers, Gaps gaps) {
        this.gaps = gaps;
        invocations = new ArrayList<>(handlers.size());
        EventContext last = null;
        for (Handler handler : handlers) {
            EventContext context = context(message, handler.owner().app(), last);
            invocations.add(new Invocation(handler, context, this));
            last = context;
        }
    }

    /** A context for each app, not for each handler: in the route table an app's handlers mostly stand together. */
    private static EventContext context(Message message, String app, EventContext last) {
        return last != null && last.app().equals(app) ? last : new EventContext(message, app);
    }
}
