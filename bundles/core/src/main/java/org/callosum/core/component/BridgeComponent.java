// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

import org.callosum.api.Callosum;
import org.callosum.api.Emission;
import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.RuntimeListener;
import org.callosum.core.TractStatus;
import org.callosum.core.bridge.EventBridge;
import org.callosum.core.bridge.MessageQueue;
import org.callosum.core.bridge.Spiller;
import org.callosum.core.bridge.StartGate;
import org.callosum.core.spill.SpillFolder;
import org.callosum.journal.Journal;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Transport;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Runs an {@link EventBridge} as a component: the apps' {@link Callosum}, and the operator's {@link Bridge}.
 *
 * <p>When the framework begins to stop, the apps are all still there: that is when what was taken from the bus is handled to
 * the end. By the time this component is deactivated for that, they may be gone. When it is deactivated for another reason,
 * they are there.
 *
 * <p>It registers its services itself. The component runtime would do it too late and take them back too early: the apps need
 * them, so their handlers come with them, before the first event is dispatched, and go with them, behind the last.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = CoreConfig.PID)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"org.callosum.api.Callosum,org.callosum.core.Bridge\"",
        uses = {Callosum.class, Bridge.class},
        effective = "active")
public final class BridgeComponent implements Callosum, Bridge {
    /** Where the spill is in the journal. */
    private static final String DEFAULT_SPILL = "health/spill";

    private static final Duration SPILL_RETRY = Duration.ofSeconds(1);

    private final BundleContext context;
    private final Logger logger;
    private final EventBridge bridge;
    private final Listeners listeners = new Listeners();
    private final StartGate gate;
    private final ReadyCondition ready;
    private final SynchronousBundleListener drain = this::drainWhenTheFrameworkStops;
    private final Duration startPatience;
    private volatile Duration drainPatience;
    private ServiceRegistration<?> registration;

    /** A bridge that is not started. */
    @Activate
    public BridgeComponent(
            BundleContext context,
            @Reference Dispatcher dispatcher,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        this.context = context;
        this.logger = logger;
        Numbers numbers = new Numbers(configuration, logger);
        InstantSource clock = InstantSource.system();
        Spiller spiller = new Spiller(
                new SpillFolder(spillFolder(context, configuration), SpillFolder.SEGMENT_BYTES, logger),
                spill(numbers),
                SPILL_RETRY,
                clock,
                logger);
        bridge = new EventBridge(
                dispatcher, new MessageQueue(capacity(numbers), allowance(numbers), spiller), clock, logger);
        bridge.limitChains(maxChain(numbers));
        bridge.report(listeners);
        gate = new StartGate(context);
        ready = new ReadyCondition(context, dispatcher);
        drainPatience = drainPatience(numbers);
        startPatience = Duration.ofMillis(numbers.get("startMillis", 10_000, 0, 3_600_000));
    }

    /** Starts the bridge, which has its bus by now if there is one, and waits for the apps. */
    @Activate
    void activate() {
        context.addBundleListener(drain);
        registration =
                context.registerService(new String[] {Callosum.class.getName(), Bridge.class.getName()}, this, null);
        bridge.start(new AppsUp(startPatience));
    }

    @Modified
    void modified(Map<String, Object> configuration) {
        Numbers numbers = new Numbers(configuration, logger);
        bridge.resize(capacity(numbers), allowance(numbers), spill(numbers));
        bridge.limitChains(maxChain(numbers));
        drainPatience = drainPatience(numbers);
    }

    @Deactivate
    void deactivate() {
        context.removeBundleListener(drain);
        gate.cancel();
        // The core alone is stopped or updated: the apps are there, and so is the dispatcher.
        bridge.drain(drainPatience);
        registration.unregister();
        bridge.stop();
        ready.withdraw();
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void setTransport(Transport transport) {
        bridge.attach(transport);
    }

    void unsetTransport(Transport transport) {
        bridge.detach(transport);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addListener(RuntimeListener listener) {
        listeners.add(listener);
    }

    void removeListener(RuntimeListener listener) {
        listeners.remove(listener);
    }

    @Override
    public Emission emit(Message message) {
        return bridge.emit(message);
    }

    @Override
    public BridgeStatus status() {
        return bridge.status();
    }

    @Override
    public List<TractStatus> tracts() {
        return bridge.tracts();
    }

    @Override
    public List<ConnectionStatus> connections() {
        return bridge.connections();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return bridge.closedConnections();
    }

    @Override
    public boolean disconnect(long id) {
        return bridge.disconnect(id);
    }

    private void drainWhenTheFrameworkStops(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPING && event.getBundle().getBundleId() == Constants.SYSTEM_BUNDLE_ID) {
            gate.cancel();
            bridge.drain(drainPatience);
        }
    }

    private static long capacity(Numbers numbers) {
        return numbers.get("queueBytes", 67_108_864, 65_536, 1L << 34);
    }

    private static long allowance(Numbers numbers) {
        return numbers.get("allowanceBytes", 16_777_216, 0, 1L << 34);
    }

    private static long spill(Numbers numbers) {
        return numbers.get("spillBytes", 1L << 30, 0, 1L << 40);
    }

    /**
     * In the journal, whose events they are: it outlives the framework's cache, which is emptied with each new version, and an
     * update of the whole distribution; and what waited on one journal's bus must not be handled on another's.
     */
    private static Path spillFolder(BundleContext context, Map<String, Object> configuration) {
        Object configured = configuration.get("spillFolder");
        String folder = configured == null ? "" : configured.toString().strip();
        return folder.isEmpty() ? Journal.of(context).root().resolve(DEFAULT_SPILL) : Path.of(folder);
    }

    private static int maxChain(Numbers numbers) {
        return (int) numbers.get("maxChain", EventBridge.MAX_CHAIN, 0, 1_000);
    }

    private static Duration drainPatience(Numbers numbers) {
        return Duration.ofMillis(numbers.get("drainMillis", 30_000, 0, 3_600_000));
    }

    private final class AppsUp implements EventBridge.Start {
        private final Duration patience;

        AppsUp(Duration patience) {
            this.patience = patience;
        }

        @Override
        public void await() throws InterruptedException {
            if (!gate.await(patience) && !gate.isCancelled()) {
                logger.warn(
                        "Events are dispatched although the apps are not all up after {} ms{}",
                        patience.toMillis(),
                        KeyValues.of("elapsed_ms", patience.toMillis()));
            }
        }

        @Override
        public void ready(Transport transport) {
            ready.announce(transport.status().address());
        }
    }
}
