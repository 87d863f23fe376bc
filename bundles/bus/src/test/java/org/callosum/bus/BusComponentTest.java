// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import org.callosum.api.Message;
import org.callosum.journal.Journal;
import org.callosum.journal.RecordingLogger;
import org.callosum.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.log.Logger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/** The component with what the framework would give it. */
@SuppressWarnings("try") // a bus that only has to be there
@Timeout(60)
class BusComponentTest {
    @TempDir
    Path folder;

    private final RecordingLogger log = new RecordingLogger();
    private boolean isRefused;
    private final Map<String, Object> configuration = new HashMap<>();
    private Transport published;
    private BusComponent component;

    @AfterEach
    void deactivate() {
        if (component != null) {
            component.deactivate();
        }
    }

    @Test
    void itServesInTheJournalUnlessConfigured() throws Exception {
        activate();
        assertThat(published.status().mode()).isEqualTo("server");
        assertThat(published.status().address())
                .isEqualTo(folder.resolve("health/callosum.sock").toString());
        WireClient.join(folder.resolve("health/callosum.sock")).close();
    }

    @Test
    void itServesOnTheConfiguredSocket() throws Exception {
        configuration.put("socket", folder.resolve("other.sock").toString());
        activate();
        WireClient.join(folder.resolve("other.sock")).close();
        assertThat(folder.resolve("health")).doesNotExist();
    }

    @Test
    void itConnectsWhereSomebodyServes() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            configuration.put("socket", bus.socket().toString());
            activate();
            await().until(() -> published.status().up());
            assertThat(published.status().mode()).isEqualTo("client");
        }
    }

    @Test
    void atTheEndNothingIsPublishedAndTheFileIsGone() throws Exception {
        activate();
        component.deactivate();
        assertThat(published).isNull();
        assertThat(folder.resolve("health/callosum.sock")).doesNotExist();
        component.deactivate();
    }

    @Test
    void aLimitIsChangedWithoutARestart() throws Exception {
        activate();
        Transport before = published;
        try (WireClient client = WireClient.join(folder.resolve("health/callosum.sock"))) {
            configuration.put("maxFrameBytes", 100);
            component.modified(config());

            assertThat(published).isSameAs(before);
            client.send(Frames.ofLength(101, 1));
            client.send(Frames.ofLength(100, 2));
            assertThat(client.readLine()).isEqualTo(Frames.ofLength(100, 2));
        }
    }

    @Test
    void aLimitOfAClientIsChangedWithoutARestart() throws Exception {
        configuration.put("mode", "client");
        activate();
        Transport before = published;
        configuration.put("queueMessages", 1);
        component.modified(config());

        assertThat(published).isSameAs(before);
        published.send(Message.of("a", "b", Map.of()));
        assertThat(catchThrowable(() -> published.send(Message.of("a", "b", Map.of()))))
                .hasMessageContaining("the limit is 1 messages");
    }

    @Test
    void anotherSocketRestartsTheBusThere() throws Exception {
        activate();
        Transport before = published;
        configuration.put("socket", folder.resolve("other.sock").toString());
        component.modified(config());

        assertThat(published).isNotSameAs(before);
        assertThat(before.status().up()).isFalse();
        assertThat(folder.resolve("health/callosum.sock")).doesNotExist();
        WireClient.join(folder.resolve("other.sock")).close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    mode           | sever   | Setting 'mode' is 'sever': give one of server, client, auto
                    slowPolicy     | kick    | Setting 'slowPolicy' is 'kick': give one of disconnect, block
                    maxFrameBytes  | 10      | Setting 'maxFrameBytes' is 10: give a number from 64 to 1073741824
                    memoryBytes    | 1000    | Setting 'memoryBytes' is 1000: give a number from 4194304
                    backlogBytes   | 0       | Setting 'backlogBytes' is 0: give a number from 1
                    backlogBytes   | abc     | Setting 'backlogBytes' is no whole number of its range (For input string: "abc")
                    queueMessages  | 9999999999 | Setting 'queueMessages' is no whole number of its range
                    stallMillis    | -1      | Setting 'stallMillis' is -1: give a number from 1 to 86400000
                    queueMessages  | 0       | Setting 'queueMessages' is 0
                    queueBytes     | 0       | Setting 'queueBytes' is 0
                    absenceMillis | -1       | Setting 'absenceMillis' is -1
                    busyPollMicros | 2000000 | Setting 'busyPollMicros' is 2000000
                    ownAllowanceBytes | 0    | Setting 'ownAllowanceBytes' is 0
                    reconnectFirstMillis | 0 | Setting 'reconnectFirstMillis' is 0
                    reconnectLongestMillis | 1 | Setting 'reconnectLongestMillis' is 1: give a number from 100
                    """)
    void aWrongSettingIsReportedAndTheNextConfigurationTried(String setting, String value, String message) {
        configuration.put(setting, value);
        activate();
        assertThat(published).isNull();
        assertThat(log.lines("ERROR"))
                .singleElement()
                .asString()
                .startsWith("ERROR Configuration org.callosum.bus is not applied, there is no bus: ")
                .contains(message);

        configuration.remove(setting);
        component.modified(config());
        assertThat(published).isNotNull();
    }

    @Test
    void aWrongSettingLeavesARunningBusAsItIs() {
        activate();
        Transport before = published;
        configuration.put("mode", "sever");
        component.modified(config());
        assertThat(published).isSameAs(before);
        assertThat(before.status().up()).isTrue();
        assertThat(log.lines("ERROR"))
                .singleElement()
                .asString()
                .contains("the bus goes on as it is", " [configuration=org.callosum.bus reason=\"");
    }

    @Test
    void aPathThatIsTooLongIsReportedWithTheRemedy() {
        configuration.put("socket", "/" + "x".repeat(104));
        activate();
        assertThat(published).isNull();
        assertThat(log.lines("ERROR")).singleElement().asString().contains("105 bytes long", "shorter 'socket'");
    }

    @Test
    void aPlaceThatIsTakenIsReported() throws Exception {
        Files.createDirectories(folder.resolve("health"));
        Files.writeString(folder.resolve("health/callosum.sock"), "x");
        activate();
        assertThat(published).isNull();
        assertThat(log.lines("ERROR"))
                .singleElement()
                .asString()
                .contains("There is no bus", "is not a socket", " [configuration=org.callosum.bus reason=\"");

        Files.delete(folder.resolve("health/callosum.sock"));
        component.modified(config());
        assertThat(published).isNotNull();
    }

    @Test
    void aBusThatCannotBePublishedIsStopped() {
        isRefused = true;
        activate();
        assertThat(log.lines("ERROR")).singleElement().asString().contains("There is no bus");
        assertThat(folder.resolve("health/callosum.sock")).doesNotExist();

        isRefused = false;
        component.modified(config());
        assertThat(published.status().mode()).isEqualTo("server");
    }

    @Test
    void aLogThatTakesNothingHoldsUpNobody() throws Exception {
        CountDownLatch takes = new CountDownLatch(1);
        Logger stuck = (Logger) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (method.getReturnType() == void.class) {
                        takes.await();
                    }
                    return method.invoke(log.logger(), arguments);
                });
        component = new BusComponent(context(), stuck, config());
        try (WireClient client = WireClient.join(folder.resolve("health/callosum.sock"))) {
            client.send("not a frame");
            client.hello();
            assertThat(published.status().counters()).containsEntry("invalid", 1L);
            assertThat(log.lines()).isEmpty();

            takes.countDown();
            await().until(() -> log.lines("WARN").size() == 1);
        }
    }

    @Test
    void namesInOneTextAreSeparatedByCommas() {
        configuration.put("allowedUsers", new String[] {"ada, grace", " ", "joan"});

        assertThat(BusSettings.of(config(), new Journal(folder)).server().allowedUsers())
                .containsExactlyInAnyOrder("ada", "grace", "joan");
    }

    @Test
    void whatTheMemoryHasNoRoomForIsLoweredAndSaid() {
        configuration.put("memoryBytes", 8L << 20);
        activate();
        ServerSettings server = BusSettings.of(config(), new Journal(folder)).server();

        assertThat(server.memoryBytes()).isEqualTo(8 << 20);
        assertThat(server.maxFrameBytes()).isEqualTo((1 << 20) - 64);
        assertThat(server.ownAllowanceBytes()).isEqualTo(1 << 20);
        assertThat(log.lines("INFO"))
                .contains(
                        "INFO As a server the bus keeps within its memory: 'maxFrameBytes' is 16777216, and 1048512 holds"
                                + " (an eighth of the memory), 'ownAllowanceBytes' is 16777216, and 1048576 holds (an eighth of the"
                                + " memory) [configuration=org.callosum.bus memory_bytes=8388608]");
        assertThat(published.status().counters()).containsEntry("memoryLimitBytes", 8L << 20);
    }

    @Test
    void theMemoryIsNeverMoreThanHalfOfTheHeap() {
        configuration.put("memoryBytes", 1L << 60);

        assertThat(BusSettings.of(config(), new Journal(folder)).server().memoryBytes())
                .isEqualTo(Runtime.getRuntime().maxMemory() / 2);
    }

    @ParameterizedTest
    @CsvSource({
        "268435456, 16777216", // 256 MiB, a quarter of 1 GiB
        "259522560, 16777216", // what the serial collector says of it
        "243269632, 16777216", // the same on a machine of 960 MiB
        "67108864, 4194240", // 64 MiB
        "1073741824, 16777216"
    })
    void theLongestFrameIsTheDefaultWhereTheHeapIsNotFarFromEnough(long heapBytes, int frameBytes) {
        long memory = BusSettings.fitting(ServerSettings.DEFAULT_MEMORY_BYTES, heapBytes);

        assertThat(new ServerSettingsBuilder().memoryBytes(memory).build().maxFrameBytes())
                .isEqualTo(frameBytes);
        assertThat(memory).isLessThan(heapBytes * 2 / 3);
    }

    @Test
    void theDefaultsAreThoseOfThePlainClasses() {
        BusSettings settings = BusSettings.of(config(), new Journal(folder));
        assertThat(settings.mode()).isEqualTo(BusMode.AUTO);
        assertThat(settings.server()).isEqualTo(ServerSettings.DEFAULT);
        assertThat(settings.client()).isEqualTo(ClientSettings.DEFAULT);
    }

    private void activate() {
        component = new BusComponent(context(), log.logger(), config());
    }

    /** The configuration as the component runtime makes it: what is set, converted, else the default. */
    private BusComponent.Config config() {
        Map<String, Object> snapshot = Map.copyOf(configuration);
        return (BusComponent.Config) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BusComponent.Config.class}, (proxy, method, arguments) -> {
                    Object value = snapshot.get(method.getName());
                    if (value == null) {
                        return method.getDefaultValue();
                    }
                    if (method.getReturnType() == int.class) {
                        return Integer.valueOf(value.toString());
                    }
                    return method.getReturnType() == long.class ? Long.valueOf(value.toString()) : value;
                });
    }

    private BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BundleContext.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "getProperty":
                            return folder.toString();
                        case "registerService":
                            if (isRefused) {
                                throw new IllegalStateException("The bundle context is not valid any more");
                            }
                            published = (Transport) arguments[1];
                            return registration();
                        default:
                            throw new UnsupportedOperationException(method.getName());
                    }
                });
    }

    private ServiceRegistration<?> registration() {
        return (ServiceRegistration<?>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ServiceRegistration.class}, (proxy, method, arguments) -> {
                    published = null;
                    return null;
                });
    }
}
