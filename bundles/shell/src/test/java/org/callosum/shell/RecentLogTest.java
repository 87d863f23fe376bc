// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.lang.reflect.Proxy;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;

import static org.assertj.core.api.Assertions.assertThat;

class RecentLogTest {
    private static final LogEntry OF_APP = entry(2, "org.example.app", true, "day 20260101 of Anna", null);
    private static final LogEntry OF_BUS = entry(
            1,
            "org.callosum.bus",
            false,
            "Invalid frame of client 3 (user me, last sent 'a'/'b') is dropped: 'it has no 'event' that is a string':"
                    + " '{\"tract\":\"observe\",\"is\":\"Anna\\u0027s, not Tom\\u0027s\"}' [client=3 user=me tract=observe"
                    + " reason=\"it has no 'event' that is a string\"]",
            null);
    private static final LogEntry OF_CORE =
            entry(3, "org.callosum.core", false, "app/H failed", new IllegalStateException("no\u001b disk"));

    @Test
    void theOldestIsFirstAndWhatMayHoldFieldsOfEventsIsLeftOut() {
        assertThat(RecentLog.text(List.of(OF_APP, OF_CORE, OF_BUS), false).lines())
                .startsWith(
                        "1970-01-01T00:00:00.001Z WARN org.callosum.bus Invalid frame of client 3 (user me, last sent '…'/'…')"
                                + " is dropped: '…'event'…': '…' [client=3 user=me tract=observe reason=\"it has no '…' that is a"
                                + " string\"]",
                        "1970-01-01T00:00:00.002Z WARN org.example.app <left out: an app's>",
                        "1970-01-01T00:00:00.003Z WARN org.callosum.core app/H failed",
                        "    java.lang.IllegalStateException: no\u001b disk");
    }

    @Test
    void withPayloadsNothingIsLeftOut() {
        assertThat(RecentLog.text(List.of(OF_APP, OF_BUS), true)).contains("of Anna", "\"is\":\"Anna");
    }

    @Test
    void ofManyTheLastAreKept() {
        List<LogEntry> many = LongStream.rangeClosed(1, 1_500)
                .mapToObj(n -> entry(n, "org.callosum.core", false, "line " + n, null))
                .toList();

        assertThat(RecentLog.text(many, false).lines())
                .hasSize(1_000)
                .first()
                .asString()
                .endsWith("line 501");
    }

    private static LogEntry entry(long sequence, String bundle, boolean isApp, String message, Throwable failure) {
        Dictionary<String, String> headers = new Hashtable<>();
        if (isApp) {
            headers.put("Callosum-App", "app");
        }
        Bundle of = (Bundle) Proxy.newProxyInstance(
                Bundle.class.getClassLoader(),
                new Class<?>[] {Bundle.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getSymbolicName" -> bundle;
                    case "getLocation" -> "file:/a.jar";
                    case "getHeaders" -> headers;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return (LogEntry) Proxy.newProxyInstance(
                LogEntry.class.getClassLoader(),
                new Class<?>[] {LogEntry.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getBundle" -> of;
                    case "getMessage" -> message;
                    case "getException" -> failure;
                    case "getSequence", "getTime" -> sequence;
                    case "getLogLevel" -> LogLevel.WARN;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
