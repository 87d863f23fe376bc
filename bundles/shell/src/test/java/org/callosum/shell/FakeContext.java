// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A bundle context with the three calls that the commands make; any other one fails the test. */
final class FakeContext {
    private final List<Bundle> bundles = new ArrayList<>();
    private final BlockingQueue<Registration> registrations = new LinkedBlockingQueue<>();

    /** A handler that was registered. */
    record Registration(
            CallosumEventHandler handler, Dictionary<String, Object> properties, CountDownLatch unregistered) {
        /** Has it handle a message whose text is as it came from the bus. */
        void handle(String json) throws Exception {
            Message parsed = Message.parse(json);
            Message message = Message.ofFrame(parsed.tract(), parsed.event(), json.getBytes(UTF_8));
            handler.handle(new EventContext(message, "org.callosum.shell"));
        }

        void awaitUnregistered() throws InterruptedException {
            unregistered.await();
        }
    }

    private final Bundle own = bundle(99, "org.callosum.shell", Map.of(), Bundle.ACTIVE);

    void addBundle(long id, String symbolicName, String app) {
        bundles.add(bundle(id, symbolicName, app, Bundle.ACTIVE));
    }

    void addStoppedBundle(long id, String symbolicName, String app) {
        bundles.add(bundle(id, symbolicName, app, Bundle.RESOLVED));
    }

    /** One that says that it is an app by its import alone, and does not run. */
    void addStoppedImporter(long id, String symbolicName) {
        bundles.add(bundle(id, symbolicName, Map.of("Import-Package", "org.callosum.api"), Bundle.RESOLVED));
    }

    private static Bundle bundle(long id, String symbolicName, String app, int state) {
        return bundle(id, symbolicName, app == null ? Map.of() : Map.of("Callosum-App", app), state);
    }

    private static Bundle bundle(long id, String symbolicName, Map<String, String> manifest, int state) {
        Dictionary<String, String> headers = new Hashtable<>(manifest);
        return proxy(Bundle.class, (method, arguments) -> switch (method) {
            case "getBundleId" -> id;
            case "getSymbolicName" -> symbolicName;
            case "getLocation" -> "file:/" + symbolicName + ".jar";
            case "getVersion" -> Version.parseVersion("1.0.0");
            case "getState" -> state;
            case "getHeaders" -> headers;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    BundleContext proxy() {
        return proxy(BundleContext.class, (method, arguments) -> switch (method) {
            case "getBundles" -> bundles.toArray(Bundle[]::new);
            case "registerService" -> register(arguments);
            case "getBundle" -> own;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    Registration awaitRegistration() throws InterruptedException {
        return registrations.take();
    }

    @SuppressWarnings("unchecked")
    private ServiceRegistration<?> register(Object[] arguments) {
        Registration registration = new Registration(
                (CallosumEventHandler) arguments[1], (Dictionary<String, Object>) arguments[2], new CountDownLatch(1));
        registrations.add(registration);
        return proxy(ServiceRegistration.class, (method, none) -> {
            if (!method.equals("unregister")) {
                throw new UnsupportedOperationException(method);
            }
            registration.unregistered().countDown();
            return null;
        });
    }

    private interface Calls {
        Object call(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> calls.call(method.getName(), arguments)));
    }
}
