// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventConstants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Both directions, between a bus and an EventAdmin that are queues. */
@Timeout(60)
class BridgeTest {
    private static final List<String> NONE = List.of();

    private final RecordingLogger log = new RecordingLogger();
    private final FakeRegistrar registrar = new FakeRegistrar();
    private final Bridge bridge = new Bridge(registrar, System::nanoTime, log.logger());
    private final BlockingQueue<Event> posted = new LinkedBlockingQueue<>();
    private final BlockingQueue<Message> emitted = new LinkedBlockingQueue<>();
    private final EventAdmin eventAdmin = new EventAdmin() {
        @Override
        public void postEvent(Event event) {
            posted.add(event);
        }

        @Override
        public void sendEvent(Event event) {
            throw new AssertionError("The bridge waits for nobody's handlers");
        }
    };

    @AfterEach
    void nothingIsLeftAfterTheStop() {
        bridge.stop();
        assertThat(registrar.services).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.endsWith("-eventadmin"));
    }

    @Test
    void nothingIsThereUntilItIsConfigured() {
        bridge.apply(settings(NONE, NONE));

        assertThat(registrar.services).isEmpty();
    }

    @Test
    void eachServiceIsForOneSideAlone() {
        bridge.apply(settings(List.of("a"), List.of("b/*")));

        assertThat(registrar.services)
                .extracting(service -> service.properties.keySet().toString())
                .allMatch(keys -> keys.contains(Message.TRACT) != keys.contains(EventConstants.EVENT_TOPIC));
    }

    @Test
    void aChangeTakesEffectOnTheServiceThatIsThere() {
        bridge.apply(settings(List.of("a"), List.of("b/*")));
        var handler = registrar.with(Message.TRACT);
        var topics = registrar.services.get(2);

        bridge.apply(settings(List.of("c", "d"), List.of("e/*")));

        assertThat(registrar.services).contains(handler, topics);
        assertThat(handler.properties).containsEntry(Message.TRACT, new String[] {"c", "d"});
        assertThat(topics.properties).containsEntry(EventConstants.EVENT_TOPIC, new String[] {"e/*"});
        bridge.apply(settings(NONE, List.of("e/*")));
        assertThat(registrar.services).containsExactly(topics);
    }

    @Test
    void aMessageWaitsForAnEventAdminAndIsPostedAsItsEvent() throws Exception {
        bridge.apply(settings(List.of("a"), NONE));
        toBridge(Message.of("a", "b c", Map.of("n", 1)));
        assertThat(posted).isEmpty();

        bridge.use(eventAdmin);

        Event event = next(posted);
        assertThat(event.getTopic()).isEqualTo("callosum/a/b_c");
        assertThat(event.getProperty("n")).isEqualTo(1L);
        assertThat(EventContext.from(event).event()).isEqualTo("b c");
    }

    @Test
    void anEventAdminThatThrowsCostsOneMessage() throws Exception {
        bridge.apply(settings(List.of("a"), NONE));
        AtomicBoolean broken = new AtomicBoolean(true);
        bridge.use(new EventAdmin() {
            @Override
            public void postEvent(Event event) {
                if (broken.getAndSet(false)) {
                    throw new SecurityException("no permission");
                }
                posted.add(event);
            }

            @Override
            public void sendEvent(Event event) {
                throw new AssertionError();
            }
        });

        toBridge(Message.of("a", "first", Map.of()));
        toBridge(Message.of("a", "second", Map.of()));

        assertThat(next(posted).getTopic()).isEqualTo("callosum/a/second");
        await("said").untilAsserted(() -> assertThat(log.warnings())
                .containsExactly("WARN 1 messages of the bus are given up: EventAdmin threw when they were"
                        + " posted; 1 in all [events=1 events_in_all=1]"));
    }

    @Test
    void eventAdminsThreadComesBackWhileEmittingHangs() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        Semaphore gate = new Semaphore(0);
        bridge.apply(settings(NONE, List.of("b/*")));
        bridge.use(message -> {
            entered.countDown();
            gate.acquireUninterruptibly();
            emitted.add(message);
            return Emission.SENT;
        });

        fromEventAdmin("b/1");
        entered.await();
        fromEventAdmin("b/2"); // comes back, or the test does not
        gate.release(2);

        assertThat(next(emitted).event()).isEqualTo("1");
        assertThat(next(emitted).event()).isEqualTo("2");
    }

    @Test
    void whatIsRefusedIsTriedAgainInOrderAndWhatIsTooLargeIsCounted() throws Exception {
        AtomicBoolean refusing = new AtomicBoolean(true);
        bridge.apply(settings(NONE, List.of("b/*")));
        bridge.use(message -> {
            if (refusing.getAndSet(false)) {
                throw new EmitRefusedException("full");
            }
            if (message.event().equals("large")) {
                throw new IllegalArgumentException("too large");
            }
            emitted.add(message);
            return Emission.SENT;
        });

        fromEventAdmin("b/first");
        fromEventAdmin("b/large");
        fromEventAdmin("b/last");

        assertThat(next(emitted).event()).isEqualTo("first");
        assertThat(next(emitted).event()).isEqualTo("last");
        await("said").untilAsserted(() -> assertThat(log.warnings())
                .singleElement()
                .asString()
                .startsWith("WARN 1 events of EventAdmin are given up: the bus takes no such message"));
    }

    @Test
    void whatCrossedDoesNotComeBack() throws Exception {
        bridge.apply(settings(List.of("osgi"), List.of("*")));
        bridge.use(eventAdmin);
        bridge.use(this::emit);

        toBridge(Message.of("osgi", "fromBus", Map.of()));
        registrar.services.get(2).handler.handleEvent(next(posted)); // EventAdmin hands it to whoever listens to all
        fromEventAdmin("b/fromEventAdmin");
        Message message = next(emitted);
        assertThat(message.event()).isEqualTo("fromEventAdmin");
        toBridge(Message.parse(message.toJson().replace("}", ",\"ts\":1}"))); // the bus hands it to everyone
        toBridge(Message.of("osgi", "next", Map.of()));

        assertThat(next(posted).getTopic()).isEqualTo("callosum/osgi/next");
        assertThat(emitted).isEmpty();
    }

    private Emission emit(Message message) {
        emitted.add(message);
        return Emission.SENT;
    }

    /** As the bus's dispatch does. */
    private void toBridge(Message message) throws Exception {
        ((CallosumEventHandler) registrar.with(Message.TRACT).handler).handle(new EventContext(message, "test"));
    }

    /** As EventAdmin does, to the service that was registered last. */
    private void fromEventAdmin(String topic) {
        registrar.services.get(registrar.services.size() - 1).handler.handleEvent(new Event(topic, Map.of()));
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(15, TimeUnit.SECONDS);
        assertThat(next).as("what crosses").isNotNull();
        return next;
    }

    private static Settings settings(List<String> tracts, List<String> topics) {
        return new Settings(tracts, topics, "osgi", 100, 100_000, Duration.ofSeconds(10));
    }
}
