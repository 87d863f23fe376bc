// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.console.FieldFilter;
import org.callosum.transport.Replay;
import org.callosum.transport.Transport;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * {@code replay}: prints the last messages that came over the bus and are still kept, and goes on with those that come.
 *
 * <p><b>Threads.</b> Each session reads on its own thread, which Gogo interrupts on Ctrl-C and when the session closes. What is
 * open is known so that the end of the component ends it.
 */
@Component(
        service = ReplayCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=replay"})
public final class ReplayCommand extends Command {
    private static final int READ_BYTES = 1 << 16;

    private static final Predicate<byte[]> ALL = line -> true;

    private final Transport transport;
    private final Set<Replay> open = ConcurrentHashMap.newKeySet();
    private volatile boolean isStopped;

    /**
     * Asks this.
     *
     * @param transport {@code null} if there is none
     */
    @Activate
    public ReplayCommand(
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Transport transport) {
        this.transport = transport;
    }

    @Deactivate
    void stop() {
        isStopped = true;
        open.forEach(ReplayCommand::close);
    }

    /**
     * {@code replay [-n number] [-t tract] [-e event] [-f] [--json] [filter]}.
     *
     * @throws IllegalArgumentException if the words are not these
     * @throws IllegalStateException if nothing is kept, or the bus ended while it was followed
     */
    @Descriptor("Prints the last messages that came over the bus, a line of JSON each, as far as the bus keeps them"
            + " ('historyBytes' of org.callosum.bus): replay [-n number] [-t tract] [-e event] [-f] [--json] ['<filter>']."
            + " Says on the error output how many are no longer kept, if they would have been among them."
            + EventLines.LINE_HELP)
    public void replay(
            CommandSession session,
            @Descriptor("how many at most; 0 for all that are kept; default 20")
                    @Parameter(
                            names = {"-n", "--number"},
                            absentValue = "20")
                    int number,
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
            @Descriptor("go on with those that come, until Ctrl-C: none is missing or doubled in between")
                    @Parameter(
                            names = {"-f", "--follow"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean isFollowing,
            @Descriptor("print the JSON to the letter as it came")
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json,
            @Descriptor(EventLines.FILTER_HELP) CharSequence... filter) {
        if (number < 0) {
            throw new IllegalArgumentException("--number " + number + " is out of range: 0, which is all, or more");
        }
        Predicate<byte[]> isWanted =
                wanted(tract, event, Usage.REPLAY.optional(filter).orElse(null));
        PrintStream out = System.out;
        PrintStream screen = session.getConsole();
        CtrlC keys = CtrlC.of(session);
        try (Replay replay =
                Required.present(transport, "bus", "org.callosum.bus").replay()) {
            open.add(replay);
            if (isStopped) { // after it is known: one of the two sees the other
                close(replay);
            }
            try {
                if (json && isFollowing && number == 0 && isWanted == ALL) {
                    tellDropped(replay);
                    pass(replay.frames(), out, screen, keys);
                    return;
                }
                InputStream frames = new BufferedInputStream(replay.frames(), READ_BYTES);
                if (printKept(replay, frames, number, isWanted, json, keys) < number || number == 0) {
                    tellDropped(replay);
                }
                if (keys.holdBackWhile(() -> EventLines.reach(out, screen)) && isFollowing) {
                    follow(frames, isWanted, json, out, screen, keys);
                }
            } finally {
                open.remove(replay);
            }
        } catch (InterruptedException | ClosedByInterruptException ctrlC) {
            Thread.interrupted(); // the end that was announced, as for any command that is done
        } catch (IOException e) {
            throw new UncheckedIOException("The bus broke off: " + e.getMessage(), e);
        } finally {
            keys.close();
        }
    }

    /** Prints the last of those that were kept; gives how many. */
    private static long printKept(
            Replay replay, InputStream frames, int number, Predicate<byte[]> isWanted, boolean json, CtrlC keys)
            throws IOException, InterruptedException {
        Deque<byte[]> last = new ArrayDeque<>();
        long shown = 0;
        for (long i = 0; i < replay.kept(); i++) {
            byte[] line = line(frames);
            if (!isWanted.test(line)) {
                continue;
            }
            shown++;
            if (number == 0) {
                print(line, json, keys);
                continue;
            }
            if (last.size() == number) {
                last.remove();
                shown--;
            }
            last.add(line);
        }
        for (byte[] line : last) {
            print(line, json, keys);
        }
        return shown;
    }

    private static void tellDropped(Replay replay) {
        if (replay.dropped() > 0) {
            System.err.println("… " + replay.dropped() + " messages since the bus's start are no longer kept");
        }
    }

    /** Prints all as it comes, which is how it is wanted: nobody has to look for lines. */
    private static void pass(InputStream frames, PrintStream out, PrintStream screen, CtrlC keys)
            throws IOException, InterruptedException {
        byte[] bytes = new byte[READ_BYTES];
        for (int count = frames.read(bytes); count >= 0; count = frames.read(bytes)) {
            int length = count;
            boolean goesOn = keys.holdBackWhile(() -> {
                out.write(bytes, 0, length);
                return EventLines.reach(out, screen);
            });
            if (!goesOn) {
                return;
            }
        }
        throw ended();
    }

    private static IllegalStateException ended() {
        return new IllegalStateException("The bus has ended, or does not serve this reader any more:"
                + " it was stopped or set up anew, or this one was disconnected");
    }

    private static void follow(
            InputStream frames,
            Predicate<byte[]> isWanted,
            boolean json,
            PrintStream out,
            PrintStream screen,
            CtrlC keys)
            throws IOException, InterruptedException {
        while (true) {
            byte[] line = line(frames);
            if (isWanted.test(line)) {
                print(line, json, keys);
            }
            if (frames.available() == 0 // before waiting: who reads the output sees all there is
                    && !keys.holdBackWhile(() -> EventLines.reach(out, screen))) {
                return;
            }
        }
    }

    private static void print(byte[] line, boolean json, CtrlC keys) throws InterruptedException {
        keys.holdBackWhile(() -> {
            if (json) {
                System.out.write(line, 0, line.length);
                System.out.write('\n');
            } else {
                System.out.println(EventLines.shown(new String(line, StandardCharsets.UTF_8)));
            }
            return true;
        });
    }

    /** The next line, without its end; waits for it. */
    private static byte[] line(InputStream frames) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        for (int b = frames.read(); b != '\n'; b = frames.read()) {
            if (b < 0) {
                throw ended();
            }
            line.write(b);
        }
        return line.toByteArray();
    }

    private static Predicate<byte[]> wanted(String tract, String event, String filter) {
        if (tract.equals(EventLines.ANY) && event.equals(EventLines.ANY) && filter == null) {
            return ALL;
        }
        Predicate<Message> fields = filter == null ? message -> true : parsed(filter);
        return line -> {
            Map<String, Object> all = Json.parseObject(new String(line, StandardCharsets.UTF_8));
            String itsTract = String.valueOf(all.get(Message.TRACT));
            String itsEvent = String.valueOf(all.get(Message.EVENT));
            return (tract.equals(EventLines.ANY) || tract.equals(itsTract))
                    && (event.equals(EventLines.ANY) || event.equals(itsEvent))
                    && fields.test(Message.ofFrame(itsTract, itsEvent, line));
        };
    }

    private static FieldFilter parsed(String filter) {
        try {
            return FieldFilter.parse(filter);
        } catch (IllegalArgumentException e) {
            throw EventLines.noFilter(filter, e);
        }
    }

    private static void close(Replay replay) {
        try {
            replay.close();
        } catch (IOException e) {
            // It is closed as far as it can be: who reads notices.
        }
    }
}
