// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Hashtable;
import java.util.Map;

import org.callosum.api.KeyValues;
import org.callosum.api.Printable;
import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.core.Health;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Makes the core's numbers and health visible: over JMX and as Felix Health Checks at once, over HTTP only where that is
 * configured.
 *
 * <p>Two ways lead there, of which a container needs one: a servlet for its HTTP Whiteboard, as Karaf has one, and a server of the
 * JDK's. The servlet is registered by its class's name: where there is no servlet API, nobody asks for it.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = MetricsComponent.PID)
@Designate(ocd = MetricsComponent.Config.class)
public final class MetricsComponent {
    static final String PID = "org.callosum.metrics";

    /** The configuration, for the values of a log line. */
    private static final KeyValues CONFIGURATION = KeyValues.of("configuration", PID);

    private static final String SERVLET = "javax.servlet.Servlet";

    @ObjectClassDefinition(
            id = PID,
            name = "Callosum metrics",
            description = "Where Prometheus finds the runtime's metrics: nowhere, unless it is set. Every change takes"
                    + " effect at once.")
    @interface Config {
        @AttributeDefinition(
                name = "Servlet",
                description = "Whether the container's own HTTP service serves the metrics, by its HTTP Whiteboard.")
        boolean servlet() default false;

        @AttributeDefinition(
                name = "Port",
                min = "0",
                max = "65535",
                description = "The TCP port of a server of its own for the metrics. 0 for none.")
        int port() default 0;

        @AttributeDefinition(
                name = "Host",
                description = "The address that this server listens on; 0.0.0.0 for all of the machine's.")
        String host() default "127.0.0.1";

        @AttributeDefinition(name = "Path", description = "The path of the page, for both; it begins with a slash.")
        String path() default "/metrics";

        @AttributeDefinition(
                name = "Tracts",
                min = "0",
                max = "1000",
                description = "How many tracts have a label of their own. All others are 'other'.")
        int tracts() default 20;
    }

    private final BundleContext context;
    private final Logger logger;
    private final TopTracts tracts;
    private final MetricsPage page;
    private final JmxBeans beans;
    private final FelixChecks checks;
    private ServiceRegistration<?> servlet;
    private MetricsServer server;

    /** Shows what these know. */
    @Activate
    public MetricsComponent(
            BundleContext context,
            @Reference Bridge bridge,
            @Reference Dispatcher dispatcher,
            @Reference Health health,
            @Reference(service = LoggerFactory.class) Logger logger,
            Config config) {
        this.context = context;
        this.logger = logger;
        String version = context.getBundle().getVersion().toString();
        tracts = new TopTracts(config.tracts());
        page = new MetricsPage(new Metrics(bridge, dispatcher, health, tracts, version)::collect);
        beans = new JmxBeans(new RuntimeNumbers(bridge, dispatcher, health, version), logger);
        checks = new FelixChecks(context, health);
        open(config); // last: a constructor that throws is never deactivated
    }

    @Modified
    void modified(Config config) {
        tracts.resize(config.tracts());
        closePages();
        open(config);
    }

    @Deactivate
    void deactivate() {
        closePages();
        checks.close();
        beans.close();
    }

    private void open(Config config) {
        String path = config.path();
        if (!path.startsWith("/")) {
            logger.warn(
                    "Setting 'path' of {} is {}, which does not begin with a slash: /metrics is used{}",
                    PID,
                    Printable.quoted(path),
                    CONFIGURATION.and("setting", "path").and("value", path).and("used", "/metrics"));
            path = "/metrics";
        }
        if (config.servlet()) {
            servlet = context.registerService(
                    SERVLET,
                    new Servlets(page),
                    new Hashtable<>(Map.of(
                            "osgi.http.whiteboard.servlet.pattern",
                            path,
                            "osgi.http.whiteboard.servlet.name",
                            "callosum-metrics")));
        }
        if (config.port() != 0) {
            listen(config.host(), config.port(), path);
        }
    }

    private void listen(String host, int port, String path) {
        try {
            server = new MetricsServer(new InetSocketAddress(InetAddress.getByName(host), port), path, page);
            int bound = server.address().getPort();
            logger.info(
                    "Metrics are on http://{}:{}{}{}",
                    host,
                    bound,
                    path,
                    address(host, bound).and("path", path));
        } catch (UnknownHostException e) {
            logger.error(
                    "Metrics are not served: host {} of {} is unknown{}",
                    Printable.quoted(host),
                    PID,
                    CONFIGURATION.and(address(host, port)));
        } catch (IOException | IllegalArgumentException e) {
            logger.error(
                    "Metrics are not served on host {} and port {}: {}. Set others in {}{}",
                    Printable.quoted(host),
                    port,
                    e.getMessage(),
                    PID,
                    CONFIGURATION.and(address(host, port)).and("reason", e.getMessage()));
        } catch (LinkageError e) {
            logger.error(
                    "Metrics are not served: this Java has no module jdk.httpserver. Set 'servlet' of {} instead{}",
                    PID,
                    CONFIGURATION);
        }
    }

    /** Where they are served, or were to be, for the values of a log line. */
    private static KeyValues address(String host, int port) {
        return KeyValues.of("host", host).and("port", port);
    }

    private void closePages() {
        if (server != null) {
            server.close();
            server = null;
        }
        if (servlet != null) {
            servlet.unregister();
            servlet = null;
        }
    }

    private record Servlets(MetricsPage page) implements ServiceFactory<Object> {
        @Override
        public Object getService(Bundle bundle, ServiceRegistration<Object> registration) {
            return new MetricsServlet(page);
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<Object> registration, Object service) {
            // The whiteboard has destroyed it.
        }
    }
}
