// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;

import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * The runtime as its core's services show it, from outside the framework: through the services of the probe bundle, whose
 * types are the JDK's.
 */
final class Probe {
    /** The PID of the core's configuration. */
    private static final String CORE = "org.callosum.core";

    private final BundleContext context;

    Probe(BundleContext context) {
        this.context = context;
    }

    /** Dispatches a message; how many handlers were invoked. */
    @SuppressWarnings("unchecked") // the probe's
    int dispatch(String json) {
        return service(ToIntFunction.class, "dispatch").applyAsInt(json);
    }

    /** Dispatches a message on a thread of its own. */
    CompletableFuture<Integer> dispatchAsync(String json) {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        count.complete(dispatch(json));
                    } catch (Throwable e) {
                        count.completeExceptionally(e);
                    }
                },
                "test dispatch");
        thread.setDaemon(true);
        thread.start();
        return count;
    }

    /** Emits a message; what became of it. */
    @SuppressWarnings("unchecked") // the probe's
    String emit(String json) {
        return (String) service(UnaryOperator.class, "emit").apply(json);
    }

    /** All handlers, each with the components of {@code HandlerStatus}. */
    @SuppressWarnings("unchecked") // the probe's
    List<Map<String, Object>> handlers() {
        return (List<Map<String, Object>>) status().get("handlers");
    }

    /** The handlers of an app. */
    List<Map<String, Object>> handlers(String app) {
        return handlers().stream()
                .filter(handler -> handler.get("app").equals(app))
                .toList();
    }

    int handlerCount() {
        return (int) status().get("handlerCount");
    }

    /** What is written off, each with the components of {@code InvocationStatus}. */
    @SuppressWarnings("unchecked") // the probe's
    List<Map<String, Object>> overruns() {
        return ((List<Map<String, Object>>) status().get("slow"))
                .stream()
                        .filter(each -> each.get("state").equals("WRITTEN_OFF"))
                        .toList();
    }

    /** What is parked, each with the components of {@code ParkedStatus}. */
    @SuppressWarnings("unchecked") // the probe's
    List<Map<String, Object>> parked() {
        return (List<Map<String, Object>>) status().get("parked");
    }

    /** The components of {@code BridgeStatus}. */
    @SuppressWarnings("unchecked") // the probe's
    Map<String, Object> bridge() {
        return (Map<String, Object>) status().get("bridge");
    }

    /** The components of {@code TransportStatus}; empty if there is no bus. */
    @SuppressWarnings("unchecked") // the probe's
    Optional<Map<String, Object>> transport() {
        return (Optional<Map<String, Object>>) bridge().get("transport");
    }

    /** Configures the core. */
    void configureCore(Map<String, Object> settings) {
        configure(CORE, settings);
    }

    /** Sets a configuration; an empty one is deleted. */
    @SuppressWarnings("unchecked") // the probe's
    void configure(String pid, Map<String, Object> settings) {
        service(BiConsumer.class, "settings").accept(pid, settings);
    }

    /** Has the app {@code registrar} register a plain handler. What it gives changes its properties, or takes it back. */
    @SuppressWarnings("unchecked") // the registrar's
    Consumer<Map<String, Object>> register(Map<String, Object> properties) {
        return (Consumer<Map<String, Object>>)
                service(Function.class, "registrar").apply(properties);
    }

    /** Has the app {@code posting} post an event to EventAdmin. */
    @SuppressWarnings("unchecked") // the app's
    void post(String topic, Map<String, Object> properties) {
        service(BiConsumer.class, "post").accept(topic, properties);
    }

    @SuppressWarnings("unchecked") // the probe's
    private Map<String, Object> status() {
        return (Map<String, Object>) service(Supplier.class, "status").get();
    }

    private <T> T service(Class<T> type, String name) {
        try {
            Collection<ServiceReference<T>> found = context.getServiceReferences(type, "(probe=" + name + ")");
            if (found.isEmpty()) {
                throw new AssertionError("There is no service " + type.getSimpleName() + " with probe=" + name
                        + ": is its bundle started, and is what it needs there?");
            }
            return context.getService(found.iterator().next());
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
