// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.core.Subscription;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.event.EventHandler;

/**
 * {@code top}: the busiest tracts, events and handlers, again and again. Events are counted by a handler that is there for as long
 * as somebody looks; nothing is counted by name otherwise.
 *
 * <p><b>Threads.</b> Each session looks on its own thread, which Gogo interrupts on Ctrl-C and when the session closes.
 */
@Component(
        service = TopCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=top"})
public final class TopCommand extends Command {
    private static final Duration LEAST = Duration.ofMillis(100);
    private static final Duration MOST = Duration.ofHours(1);
    private static final long LOOK_NANOS = 500_000_000;
    private static final int ROWS = 10;

    /** Tracts, events, handlers. */
    private static final int PARTS = 3;

    /** Lines of a view that are not rows: two of traffic, three headings, three blank ones, and the one below. */
    private static final int OTHER_LINES = 9;

    private static final String HOME = "\u001b[H";
    private static final String END_OF_LINE = "\u001b[K";
    private static final String END_OF_SCREEN = "\u001b[J";

    private final BundleContext context;
    private final Dispatcher dispatcher;
    private final Bridge bridge;
    private volatile boolean isStopped;

    /**
     * Looks at these.
     *
     * @param dispatcher {@code null} if there is none
     * @param bridge {@code null} if there is none
     */
    @Activate
    public TopCommand(
            BundleContext context,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Bridge bridge) {
        this.context = context;
        this.dispatcher = dispatcher;
        this.bridge = bridge;
    }

    @Deactivate
    void stop() {
        isStopped = true;
    }

    /**
     * {@code top [-n times] [-i interval]}.
     *
     * @throws IllegalArgumentException if the times or the interval are none
     * @throws IllegalStateException if there is nobody to ask
     */
    @Descriptor(
            "Shows the rates of the busiest tracts, events and handlers, and the queue, once a second, until Ctrl-C or q."
                    + " On a terminal each view takes the place of the one before.")
    public void top(
            CommandSession session,
            @Descriptor("end after so many views; default: never")
                    @Parameter(
                            names = {"-n", "--times"},
                            absentValue = "0")
                    int times,
            @Descriptor("how long each view stands for, such as 500ms or 10s; default 1s")
                    @Parameter(
                            names = {"-i", "--interval"},
                            absentValue = "1s")
                    String interval) {
        Duration each = TimeSpans.parse("--interval", interval);
        if (each.compareTo(LEAST) < 0 || each.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("--interval " + interval + " is out of range: 100ms to 1h");
        }
        if (times < 0) {
            throw new IllegalArgumentException("--times " + times + " is out of range: 1 or more, or 0 for ever");
        }
        Required.dispatcher(dispatcher);
        EventCounts counts = new EventCounts();
        ServiceRegistration<EventHandler> registration =
                context.registerService(EventHandler.class, counts, everything());
        Screen screen = Screen.of(session);
        CtrlC keys = CtrlC.of(session);
        try (Keyboard keyboard = Keyboard.of(session, screen)) {
            show(counts, times, each, session, screen, keyboard, keys);
        } catch (InterruptedException ctrlC) {
            // The end that was announced. The flag stays cleared, as for any command that is done.
        } finally {
            keys.close();
            unregister(registration);
        }
    }

    private void show(
            EventCounts counts,
            int times,
            Duration each,
            CommandSession session,
            Screen screen,
            Keyboard keyboard,
            CtrlC keys)
            throws InterruptedException {
        int rows = rows(session, screen);
        TopView.Moment before = now();
        counts.take();
        String clear = screen.isTerminal() ? HOME + END_OF_SCREEN : "";
        for (int shown = 0; (times == 0 || shown < times) && !isStopped; shown++) {
            int key = key(keyboard, each);
            if (key == 'q' || key == 'Q' || isStopped) {
                return;
            }
            TopView.Moment now = now();
            String view = TopView.text(before, now, counts.take(), rows, screen);
            String text = clear + (screen.isTerminal() ? redrawn(view) : shown == 0 ? view : "\n" + view);
            clear = "";
            if (!keys.holdBackWhile(() -> print(text, session))) {
                return;
            }
            before = now;
        }
    }

    /** Whether it was printed: not if the session is gone, or the next command of the pipe. */
    private static boolean print(String text, CommandSession session) {
        System.out.print(text);
        System.out.flush();
        session.getConsole().flush(); // Karaf's holds back what is printed
        return !System.out.checkError();
    }

    /** Waits for a key; -1 if the time is over, or the component ends, which is looked at now and then. */
    private int key(Keyboard keyboard, Duration each) throws InterruptedException {
        long end = System.nanoTime() + each.toNanos();
        int key = -1;
        for (long rest = each.toNanos(); key < 0 && rest > 0 && !isStopped; rest = end - System.nanoTime()) {
            key = keyboard.key(Duration.ofNanos(Math.min(rest, LOOK_NANOS)));
        }
        return key;
    }

    /** The view over the one before: cleared line by line, so that nothing flickers. */
    private static String redrawn(String view) {
        return HOME + view.replace("\n", END_OF_LINE + "\n") + END_OF_SCREEN;
    }

    private TopView.Moment now() {
        return new TopView.Moment(
                System.nanoTime(),
                bridge == null ? null : bridge.status(),
                dispatcher.handlers().stream()
                        .filter(each -> each.bundleId() != context.getBundle().getBundleId()) // not those who look
                        .toList());
    }

    /** How many rows each part may have, so that all are on the screen. */
    private static int rows(CommandSession session, Screen screen) {
        if (!screen.isTerminal()) {
            return ROWS;
        }
        try {
            int lines = Integer.parseInt(String.valueOf(session.get("LINES")).strip());
            return lines <= 0 ? ROWS : Math.max(1, Math.min(ROWS, (lines - OTHER_LINES) / PARTS));
        } catch (NumberFormatException notSet) {
            return ROWS;
        }
    }

    private static Dictionary<String, Object> everything() {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("tract", Subscription.ANY);
        properties.put("event", Subscription.ANY);
        return properties;
    }

    private static void unregister(ServiceRegistration<?> registration) {
        try {
            registration.unregister();
        } catch (IllegalStateException bundleHasStopped) {
            // Then the framework has done it.
        }
    }
}
