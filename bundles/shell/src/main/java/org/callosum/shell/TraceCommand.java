// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.api.Json;
import org.callosum.api.Printable;
import org.callosum.core.Dispatcher;
import org.callosum.core.Subscription;
import org.callosum.core.Trace;
import org.callosum.core.TracedEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * {@code trace}: follows events on their way through the handlers.
 *
 * <p><b>Threads.</b> Each session follows on its own thread, which Gogo interrupts on Ctrl-C and when the session closes. The
 * traces that are open are known so that the end of the component ends them.
 */
@Component(
        service = TraceCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=trace"})
public final class TraceCommand extends Command {
    private static final Duration FOREVER = Duration.ofDays(365);
    private static final int MAX_EVENTS = 1_000_000;

    private final Dispatcher dispatcher;
    private final Set<Trace> open = ConcurrentHashMap.newKeySet();
    private volatile boolean isStopped;

    /**
     * Asks this.
     *
     * @param dispatcher {@code null} if there is none
     */
    @Activate
    public TraceCommand(
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Deactivate
    void stop() {
        isStopped = true;
        open.forEach(Trace::close);
    }

    /**
     * {@code trace [-t time] [-f] [--json] <tract> <event> [<n>]}.
     *
     * @throws IllegalArgumentException if the words are not these
     * @throws IllegalStateException if there is nobody to ask, or not as many events came in time
     */
    @Descriptor(
            "Follows the next events of a tract and an event, each a name or '*', on their way: trace <tract> <event> [n],"
                    + " the next one if n is left out. Shows of each when it was received, how long it was queued, and of each"
                    + " handler's run how long after the event's turn it began, how long it took, what came of it, its thread and what"
                    + " it emitted. Ctrl-C ends it, and shows what is under way. What comes faster than it can be printed is dropped"
                    + " and counted.")
    public void trace(
            CommandSession session,
            @Descriptor("end with an error if the events have not come by then, such as 500ms, 10s or 5min")
                    @Parameter(
                            names = {"-t", "--timeout"},
                            absentValue = "")
                    String timeout,
            @Descriptor("show the events' fields, too")
                    @Parameter(
                            names = {"-f", "--fields"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean withFields,
            @Descriptor("print JSON, a line for each event")
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json,
            @Descriptor("tract, event, and how many events") CharSequence... typed) {
        List<String> words = Usage.TRACE.words(3, typed);
        if (words.size() < 2) {
            throw Usage.TRACE.missing(words.isEmpty() ? "tract and no event" : "event");
        }
        Duration patience = timeout.isEmpty() ? FOREVER : TimeSpans.parse("--timeout", timeout);
        int events = words.size() == 2 ? 1 : count(words.get(2));
        Trace trace =
                Required.dispatcher(dispatcher).trace(new Subscription(words.get(0), words.get(1)), events, withFields);
        open.add(trace);
        if (isStopped) { // after the trace is known: one of the two sees the other
            trace.close();
        }
        CtrlC keys = CtrlC.of(session);
        try {
            int shown = follow(trace, patience, session, json, keys);
            if (shown < events) {
                String place = Printable.of(words.get(0), 100) + "/" + Printable.of(words.get(1), 100);
                throw new IllegalStateException(
                        trace.isOver()
                                ? "The dispatcher has stopped: " + shown + " of " + events + " events of " + place
                                        + " came"
                                : shown + " of " + events + " events of " + place + " came within "
                                        + Amounts.duration(patience));
            }
        } catch (InterruptedException ctrlC) {
            try {
                printUnderWay(trace, session, json, keys);
            } catch (InterruptedException again) {
                // Then that is enough. The flag stays cleared, as for any command that is done.
            }
        } finally {
            keys.close();
            open.remove(trace);
            trace.close();
        }
    }

    /** Prints what comes until there is no more. How many came, those that were dropped included. */
    private static int follow(Trace trace, Duration patience, CommandSession session, boolean json, CtrlC keys)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        int shown = 0;
        while (true) {
            Optional<TracedEvent> next = trace.next(Duration.ofNanos(end - System.nanoTime()));
            long dropped = trace.takeDropped();
            if (dropped > 0) {
                shown += (int) dropped;
                String line = json
                        ? Json.write(Map.of("dropped", dropped))
                        : "… " + dropped + " events dropped here: they came faster than they were printed";
                keys.holdBackWhile(() -> {
                    System.out.println(line);
                    return true;
                });
            }
            if (next.isEmpty()) {
                if (!trace.isOver()) {
                    printUnderWay(trace, session, json, keys);
                }
                return shown;
            }
            shown++;
            TracedEvent event = next.get();
            boolean isPrinted = keys.holdBackWhile(() -> {
                print(event, true, session, json);
                return !System.out.checkError();
            });
            if (!isPrinted) {
                return Integer.MAX_VALUE; // the session is gone, or the next command of the pipe
            }
        }
    }

    private static void printUnderWay(Trace trace, CommandSession session, boolean json, CtrlC keys)
            throws InterruptedException {
        for (TracedEvent event : trace.underWay()) {
            keys.holdBackWhile(() -> {
                print(event, false, session, json);
                return true;
            });
        }
    }

    private static void print(TracedEvent event, boolean isOver, CommandSession session, boolean json) {
        if (json) {
            System.out.println(Json.write(TraceView.json(event, isOver)));
        } else {
            System.out.print(TraceView.text(event, isOver, ZoneId.systemDefault(), Screen.of(session)));
        }
        session.getConsole().flush(); // Karaf's holds back what is printed
    }

    private static int count(String word) {
        try {
            int count = Integer.parseInt(word);
            if (count >= 1 && count <= MAX_EVENTS) {
                return count;
            }
        } catch (NumberFormatException notOne) {
            // As if it were out of range.
        }
        throw Usage.TRACE.error(Printable.quoted(word) + " is no number of events: give 1 to " + MAX_EVENTS);
    }
}
