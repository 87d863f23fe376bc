// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.PrintStream;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.core.Subscription;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

/**
 * {@code listen}: prints events as they are dispatched, by way of a handler that is there for as long as somebody listens.
 *
 * <p><b>Threads.</b> Each session listens on its own thread, which Gogo interrupts on Ctrl-C and when the session closes.
 * Nothing is kept between two runs; the taps that are open are known so that the end of the component ends them.
 */
@Component(
        service = ListenCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=listen"})
public final class ListenCommand extends Command {
    private static final int MAX_WAITING = 1_000;
    private static final long MAX_WAITING_BYTES = 4 << 20;

    private final BundleContext context;
    private final Set<EventTap> open = ConcurrentHashMap.newKeySet();
    private volatile boolean isStopped;

    /** Registers its handlers in the name of this bundle. */
    @Activate
    public ListenCommand(BundleContext context) {
        this.context = context;
    }

    @Deactivate
    void stop() {
        isStopped = true;
        open.forEach(EventTap::close);
    }

    /**
     * {@code listen [-t tract] [-e event] [filter]}.
     *
     * @throws IllegalArgumentException if the filter is none, or the tract or the event is empty
     */
    @Descriptor("Prints events as they are dispatched, a line of JSON each, until Ctrl-C: listen [-t tract] [-e event]"
            + " ['<filter>']. The filter is one over the events' fields, as a handler's 'event.filter', such as"
            + " '(service=camera)', in quotes." + EventLines.LINE_HELP
            + " What comes faster than it can be printed is dropped and counted.")
    public void listen(
            CommandSession session,
            @Descriptor(EventLines.TRACT_HELP)
                    @Parameter(
                            names = {EventLines.TRACT, EventLines.TRACT_WORD},
                            absentValue = EventLines.ANY)
                    String tract,
            @Descriptor(EventLines.EVENT_HELP)
                    @Parameter(
                            names = {EventLines.EVENT, EventLines.EVENT_WORD},
                            absentValue = EventLines.ANY)
                    String event,
            @Descriptor(EventLines.FILTER_HELP) CharSequence... filter) {
        Dictionary<String, Object> properties = properties(tract, event);
        Usage.LISTEN.optional(filter).ifPresent(text -> properties.put(EventConstants.EVENT_FILTER, checked(text)));
        EventTap tap = new EventTap(MAX_WAITING, MAX_WAITING_BYTES);
        open.add(tap);
        if (isStopped) { // after the tap is known: one of the two sees the other
            tap.close();
        }
        CtrlC keys = CtrlC.of(session);
        try {
            ServiceRegistration<EventHandler> registration =
                    context.registerService(EventHandler.class, tap, properties);
            try {
                print(tap, System.out, session.getConsole(), keys);
            } finally {
                unregister(registration);
            }
        } catch (InterruptedException ctrlC) {
            // The end that was announced. The flag stays cleared, as for any command that is done.
        } finally {
            keys.close();
            tap.close();
            open.remove(tap);
        }
    }

    /** The core would only log that it ignores a handler with a malformed one. */
    private static String checked(String filter) {
        try {
            FrameworkUtil.createFilter(filter);
            return filter;
        } catch (InvalidSyntaxException e) {
            throw EventLines.noFilter(filter, e);
        }
    }

    private static Dictionary<String, Object> properties(String tract, String event) {
        Subscription wanted = new Subscription(tract, event); // which says if it is none
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("tract", wanted.tract());
        properties.put("event", wanted.event());
        return properties;
    }

    /** Prints until there is no more. */
    private static void print(EventTap tap, PrintStream out, PrintStream screen, CtrlC keys)
            throws InterruptedException {
        for (EventTap.Entry entry = tap.take(); entry != null; entry = tap.take()) {
            String line = entry.message() == null
                    ? "… " + entry.dropped() + " events dropped here: they came faster than they were printed"
                    : EventLines.shown(entry.message().toJson());
            if (!keys.holdBackWhile(() -> print(line, out, screen))) {
                return;
            }
        }
    }

    /** Whether it was printed: not if the session is gone, or the next command of the pipe. */
    private static boolean print(String line, PrintStream out, PrintStream screen) {
        out.println(line);
        return EventLines.reach(out, screen);
    }

    private static void unregister(ServiceRegistration<?> registration) {
        try {
            registration.unregister();
        } catch (IllegalStateException bundleHasStopped) {
            // Then the framework has done it.
        }
    }
}
