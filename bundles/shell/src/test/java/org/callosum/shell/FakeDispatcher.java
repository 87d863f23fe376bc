// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.OverrunStatus;
import org.callosum.core.ParkedStatus;

/** A dispatcher to be looked at; whatever would change it fails the test. */
record FakeDispatcher(
        boolean isRunning,
        List<HandlerStatus> handlers,
        List<OverrunStatus> overruns,
        List<ParkedStatus> parked,
        List<ParkedStatus> parkedBefore)
        implements Dispatcher {
    FakeDispatcher(boolean isRunning, List<HandlerStatus> handlers, List<OverrunStatus> overruns) {
        this(isRunning, handlers, overruns, List.of(), List.of());
    }

    @Override
    public int dispatch(Message message) {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public void lost(Message message, Gap.Reason reason) {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public void lost(Gap gap) {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public int handlerCount() {
        return handlers.size();
    }

    @Override
    public void start() {
        throw new UnsupportedOperationException("the shell only looks");
    }

    @Override
    public void stop() {
        throw new UnsupportedOperationException("the shell only looks");
    }
}
