// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.callosum.api.KeyValues;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Receiver;
import org.osgi.service.log.Logger;

/**
 * What a server does: accepts, reads, and writes on sockets that never block. In each turn it takes what this runtime emitted
 * and what one read of each sender brought, then writes to all clients. One thread at a time does the turns: its own one, or
 * that of the receiver, see {@link Helm}.
 *
 * <p><b>Threads.</b> {@link #run()} is the loop's own thread; {@link #work}, {@link #leave()}, {@link #wakeUp()}, {@link #stop()},
 * {@link #connections()} and {@link #disconnect(long)} may be called by any.
 */
final class ServerLoop implements Runnable {
    private static final long FAILURE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How long clients that still take something have at the stop to take the rest. */
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How long a guest waits for the turn to end that is being done. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    /** How long those are waited for, before the door is shut for good, of whom it is not known yet whether they may come in. */
    private static final Duration ADMISSION = Duration.ofSeconds(1);

    /** How long those who ask the loop wait for its next turn. */
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Entrance entrance;
    private final ReceiverSlot slot;
    private final PeerProcesses processes;
    private final Supplier<ServerSettings> settings;
    private final ServerCounters counters;
    private final Logger logger;
    private final Selector selector;
    private final Lookout lookout;
    private final ServedClients clients;
    private final BusMemory memory;
    private final FrameLog log;
    private final Recipients recipients;
    private final Stragglers stragglers;
    private final Sequencer sequencer;
    private final Intake intake;

    private final LoopTasks tasks;
    private final List<ServedClient> readable = new ArrayList<>();
    private final Inquiries inquiries = new Inquiries();
    private final Helm helm = new Helm(PATIENCE);
    private ServerSocketChannel listener;
    private SelectionKey listenerKey;
    private long lastId;
    private boolean hasWork;

    /** Whether a turn was begun, and its second half is still to come. */
    private boolean isBegun;

    /** Whether a guest, while it was away, changed what the second half looks at. */
    private boolean isToBeSettled;

    /** Whether somebody may be left who waits to be let in. */
    private boolean hasArrivals;

    /** How the last of the clients' and the own frames are taken. Written before {@link #isStopping}. */
    private Consumer<Runnable> ending = Runnable::run;

    private volatile boolean isStopping;

    private volatile String closingReason = "the bus stopped";

    /** Whether its clients are sent over to another server when it ends. Written before {@link #isStopping}. */
    private boolean givesWay;

    /**
     * Makes one that does not run yet. It closes the channels that it listens on when it ends; if it cannot be made, the
     * channel stays the caller's.
     *
     * @param listener where clients arrive
     * @param entrance lets them in from there
     * @param processes marks their sockets, so that it finds their processes
     */
    ServerLoop(
            ServerSocketChannel listener,
            Entrance entrance,
            PeerProcesses processes,
            ReceiverSlot slot,
            OwnEmits own,
            TimeStamps timeStamps,
            Supplier<ServerSettings> settings,
            ServerCounters counters,
            ClosedConnections closed,
            Logger logger)
            throws IOException {
        this.entrance = entrance;
        this.processes = processes;
        this.slot = slot;
        this.settings = settings;
        this.counters = counters;
        this.logger = logger;
        Set<ServedClient> all = new LinkedHashSet<>();
        tasks = new LoopTasks(logger);
        memory = new BusMemory(all, settings, counters, logger);
        log = new FrameLog(memory, () -> settings.get().keptBytes());
        recipients = new Recipients(log, counters);
        stragglers = new Stragglers(recipients, log, settings, counters, logger);
        clients = new ServedClients(all, recipients, stragglers, slot, settings, counters, closed, logger);
        sequencer = new Sequencer(log, memory, stragglers, slot, own, timeStamps, settings, counters, logger);
        intake = new Intake(clients, sequencer, counters, logger);
        clients.onLeave(intake::forget);
        this.listener = listener;
        entrance.moveTo(listener::accept);
        listener.configureBlocking(false);
        selector = Selector.open();
        lookout = new Lookout(selector, System::nanoTime);
        entrance.leadTo(log::cursorAtEnd, lookout::call);
        listenerKey = listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** Listens on another channel from now on, in place of the one before, which is closed once all who wait there are in. */
    void listenOn(ServerSocketChannel successor) {
        execute(() -> {
            // Nobody comes after them, for the file of the channel that they wait at is gone.
            entrance.acceptAll(this::enter, ADMISSION);
            closeListener();
            listener = successor;
            entrance.moveTo(successor::accept);
            try {
                successor.configureBlocking(false);
                listenerKey = successor.register(selector, SelectionKey.OP_ACCEPT);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Sends all clients away, so that they connect again where another server is. */
    void sendOver(String reason) {
        execute(() -> clients.sendOver(reason, System.nanoTime()));
    }

    /** Has the loop tell the receiver what it missed. */
    void tellMissed(Instant from, Instant to) {
        execute(() -> {
            Receiver receiver = slot.receiver();
            if (receiver != null) {
                receiver.missed(from, to);
            }
        });
    }

    private void execute(Runnable task) {
        tasks.add(task);
        lookout.call();
    }

    /** Has the loop look again at what may have changed: own emits, the receiver's room, settings. */
    void wakeUp() {
        if (helm.isAway()) {
            isToBeSettled = true; // the calling thread sees to it when it is back, or whoever goes on in its place
        } else {
            lookout.call();
        }
    }

    /** Has the loop take a turn for somebody who waits for it: a guest that is away may be that one itself. */
    private void call() {
        helm.leave();
        lookout.call();
    }

    /** Does the loop's turns on the calling thread: {@link org.callosum.transport.Transport#work}. */
    boolean work(BooleanSupplier until) {
        if (isStopping || !helm.take(lookout::call)) {
            return false;
        }
        boolean isWell = false;
        try {
            while (!isStopping && !until.getAsBoolean()) {
                if (isBegun || isToBeSettled) {
                    settle(); // with what handlers have emitted meanwhile, so that each client is written to once
                } else {
                    Thread.interrupted(); // meant for a handler that it has run: the selector would not wait
                    begin();
                }
            }
            isWell = !isStopping;
        } catch (IOException | RuntimeException | Error e) {
            logger.error("The bus's loop failed: its own thread goes on, and this is a defect to be reported", e);
        }
        if (isWell) {
            helm.pause();
            if (isStopping) {
                helm.leave(); // whoever stops it may have looked before the pause
            }
        } else {
            helm.giveBack();
        }
        return isWell;
    }

    /** The thread that did the turns will not be back soon. */
    void leave() {
        helm.leave();
    }

    /**
     * How the clients stand, by their number; none after the loop's end.
     *
     * @throws IllegalStateException if the loop does not answer
     */
    List<ConnectionStatus> connections() {
        return inquiries.ask(() -> clients.status(System.nanoTime()), this::call, List.of(), ANSWER);
    }

    /**
     * Closes the connection of a client.
     *
     * @return whether there was such a client
     * @throws IllegalStateException if the loop does not answer
     */
    boolean disconnect(long id) {
        return inquiries.ask(() -> clients.disconnect(id, System.nanoTime()), this::call, false, ANSWER);
    }

    /** Ends the loop: it takes nothing more from clients, writes what it has to those that take it, and closes them. */
    void stop() {
        isStopping = true;
        helm.leave();
        lookout.call();
    }

    /**
     * Ends the loop in favour of another server: it first takes what its clients have sent by then, as far as there is room,
     * those who wait to be let in among them.
     *
     * @param ending is handed, on the loop's thread, what takes the last frames; when it returns the receiver gets nothing more
     */
    void stop(Consumer<Runnable> ending, String reason) {
        this.ending = takeLast -> ending.accept(() -> {
            slot.enter();
            try {
                letLastOnesIn();
                intake.readOnceMore(System.nanoTime());
            } finally {
                slot.exit();
            }
            takeLast.run();
        });
        closingReason = reason;
        givesWay = true;
        stop();
    }

    /** Lets in all who wait, as above, and sends those away of whom it is not known in time who they are. */
    private void letLastOnesIn() {
        entrance.letAllIn(this::enter, ADMISSION);
        int sentAway = entrance.end();
        if (sentAway > 0) {
            counters.givenUpClients.add(sentAway);
            logger.warn(
                    "{} clients are sent over before they were let in, and what they had sent is given up: the system's directory of"
                            + " users and groups has not said in time who they are{}",
                    sentAway,
                    KeyValues.of("clients", sentAway));
        }
    }

    @Override
    public void run() {
        try {
            while (!isStopping) {
                try {
                    if (helm.lend()) {
                        hasWork = true; // what the guest emitted while it was away woke nobody
                        continue;
                    }
                    turn();
                } catch (IOException | RuntimeException | Error e) {
                    logger.error("The bus's loop failed: it goes on, and this is a defect to be reported", e);
                    LockSupport.parkNanos(FAILURE_PAUSE_NANOS); // what fails at once again would fill the log
                }
            }
            helm.end();
            inquiries.close(); // nobody has to wait until the clients have taken what waits for them
            finish();
        } catch (IOException e) {
            logger.warn("The bus could not bring its clients what waited for them", e);
        } finally {
            closeAll();
        }
    }

    private void turn() throws IOException {
        if (!isBegun) { // else by a guest
            begin();
        }
        settle();
    }

    /** The first half of a turn: waits, and takes what there is. */
    private void begin() throws IOException {
        select(System.nanoTime());
        long now = System.nanoTime();
        isBegun = true;
        slot.enter();
        try {
            look(now);
            sequencer.takeOwn(now);
            intake.takeWaiting(now);
            for (ServedClient client : readable) {
                intake.read(client, now);
                entrance.keepNoMoreThanIsBounded();
            }
        } finally {
            slot.exit();
        }
    }

    /** The second half: writes what was taken, and sees to all the rest. */
    private void settle() {
        long now = System.nanoTime();
        isBegun = false;
        isToBeSettled = false;
        slot.enter();
        try {
            sequencer.takeOwn(now);
            stragglers.flushAndJudge(now);
            inquiries.answer(); // here, where nobody goes through the clients
            clients.disconnectStalled(now);
            counters.memoryBytes = memory.bytes();
            tasks.run(); // when what the sockets were ready for has been done: a task may close some of them
            watch(now);
            // A client that left may have made room after its turn to be waited for had passed.
            hasWork = hasArrivals || recipients.isSomebodyReady() || sequencer.hasOwn() || intake.hasWork(now);
        } finally {
            slot.exit();
        }
    }

    /** Sees what the sockets are ready for, and lets in who waits at the door. */
    private void look(long now) {
        readable.clear();
        boolean arrived = false;
        try {
            for (SelectionKey key : selector.selectedKeys()) {
                if (key == listenerKey) {
                    arrived = true;
                } else if (key.isValid()) {
                    ServedClient client = (ServedClient) key.attachment();
                    if (key.isWritable()) {
                        recipients.unblock(client);
                    }
                    if (key.isReadable()) {
                        readable.add(client);
                    }
                }
            }
        } finally {
            selector.selectedKeys().clear(); // else what was not looked at would not be selected again
        }
        if (isStopping) {
            return;
        }
        boolean isLeft = entrance.letIn(this::enter);
        if (arrived || hasArrivals || isLeft || entrance.isToBeTriedAgain(now)) {
            hasArrivals = entrance.accept(now) || isLeft;
        }
    }

    /**
     * Lets a client in that gets what is kept, too.
     *
     * @return what it gets; {@code null} if the loop has ended
     * @throws IllegalStateException if the loop does not answer
     */
    Kept enterFromOldest(SocketChannel channel, Peer peer) {
        return inquiries.ask(
                () -> {
                    long before = joinAtEnd(channel, peer).outbox().rewind();
                    stragglers.flushAndJudge(System.nanoTime()); // it was for this turn, which it came late for
                    return new Kept(before, log.frames() - before);
                },
                this::call,
                null,
                ANSWER);
    }

    /**
     * What a client gets beside what comes.
     *
     * @param before how many frames are no longer kept
     * @param frames how many are
     */
    record Kept(long before, long frames) {}

    private void enter(SocketChannel channel, Peer peer, FrameLog.Cursor place) throws IOException {
        join(channel, peer, place);
    }

    private ServedClient joinAtEnd(SocketChannel channel, Peer peer) throws IOException {
        FrameLog.Cursor place = log.cursorAtEnd();
        boolean isIn = false;
        try {
            ServedClient client = join(channel, peer, place);
            isIn = true;
            return client;
        } finally {
            if (!isIn) {
                place.close();
            }
        }
    }

    /** Makes a client that has this place from now on; if it throws, the place is still the caller's. */
    private ServedClient join(SocketChannel channel, Peer peer, FrameLog.Cursor place) throws IOException {
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, 0);
        Outbox outbox = new Outbox(channel, log, place, counters);
        ServedClient client = new ServedClient(
                ++lastId,
                peer,
                processes,
                channel,
                key,
                outbox,
                memory,
                settings.get().maxFrameBytes());
        processes.mark(channel, lastId);
        key.attach(client);
        clients.add(client);
        return client;
    }

    /** Watches for what can be done next with those sockets for which that may have changed. */
    private void watch(long now) {
        intake.resume(now);
        recipients.takeChanged().forEach(ServedClient::watch);
        int accepting = entrance.isClosed() || entrance.isFull() ? 0 : SelectionKey.OP_ACCEPT;
        if (listenerKey.isValid() && listenerKey.interestOps() != accepting) {
            listenerKey.interestOps(accepting);
        }
    }

    /** Waits until a socket is ready, a time is up, or somebody wakes the loop; not at all if there is work left. */
    private void select(long now) throws IOException {
        if (hasWork) {
            lookout.look();
            return;
        }
        long nanos = Math.min(stragglers.nanosToNextJudgement(now), entrance.nanosToNextTry(now));
        nanos = Math.min(nanos, clients.nanosToNextEnd(now));
        long awaited = sequencer.nanosAwaited(now);
        if (awaited > 0) {
            nanos = Math.min(nanos, awaited);
        }
        lookout.await(nanos, settings.get().busyPoll().toNanos());
    }

    /** Puts the last own emits into the order and brings the clients what waits for them. */
    private void finish() throws IOException {
        ending.accept(() -> {
            slot.enter();
            try {
                tasks.run();
                sequencer.takeAllOwn();
            } finally {
                slot.exit();
            }
        });
        closeListener(); // who comes now would wake the loop again and again, and not be let in
        long begin = System.nanoTime();
        for (long now = begin; flush(now) && now - begin < FLUSH_NANOS; now = System.nanoTime()) {
            lookout.await(FLUSH_NANOS - (now - begin), 0);
            look(now);
        }
    }

    /** Writes to all; gives whether something is left for one that reads. */
    private boolean flush(long now) {
        boolean isLeft = false;
        recipients.writeToReady(now);
        for (ServedClient client : clients.all()) {
            client.pause(true);
            client.watch();
            isLeft |= !client.outbox().isSendOnly() && client.outbox().pendingBytes() > 0;
        }
        return isLeft;
    }

    private void closeAll() {
        inquiries.close();
        entrance.end();
        if (givesWay) {
            counters.sentOver.add(clients.all().size());
        }
        clients.close(closingReason, System.nanoTime());
        closeListener();
        try {
            selector.close();
        } catch (IOException e) {
            logger.warn("The selector of the bus could not be closed", e);
        }
    }

    private void closeListener() {
        try {
            listener.close();
        } catch (IOException e) {
            logger.warn("A socket of the bus could not be closed", e);
        }
    }
}
