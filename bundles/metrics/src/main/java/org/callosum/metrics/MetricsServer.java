// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * The page over the JDK's own HTTP server, for a container that has none.
 *
 * <p><b>Threads.</b> One of its own, a daemon, answers one request after the other.
 */
final class MetricsServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService executor;

    /**
     * Begins to listen.
     *
     * @throws IOException if the address cannot be listened on
     */
    MetricsServer(InetSocketAddress address, String path, MetricsPage page) throws IOException {
        server = HttpServer.create(address, 0);
        executor = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "callosum-metrics");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(executor);
        server.createContext(path, exchange -> answer(exchange, path, page));
        server.start();
    }

    /** Where it listens; of port 0 the one that it was given. */
    InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private static void answer(HttpExchange exchange, String path, MetricsPage page) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals(path)) { // a context is everything below, too
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            boolean isHead = exchange.getRequestMethod().equals("HEAD");
            if (!isHead && !exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            MetricsPage.Written written =
                    page.write(exchange.getRequestHeaders().getFirst("Accept"));
            exchange.getResponseHeaders().set("Content-Type", written.contentType());
            exchange.sendResponseHeaders(200, isHead ? -1 : written.body().length);
            if (!isHead) {
                exchange.getResponseBody().write(written.body());
            }
        }
    }
}
