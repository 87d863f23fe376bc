// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.time.ZoneOffset;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.BundleException;
import org.osgi.service.log.LogLevel;

import static org.assertj.core.api.Assertions.assertThat;

class LogLineTest {
    private final LogLine lines = new LogLine("file:/opt/callosum/apps/", ZoneOffset.ofHours(2));

    @Test
    void aLineHasTimeLevelLoggerAndMessage() {
        assertThat(lines.of(Entry.of(LogLevel.INFO, "org.callosum.core.Bridge", "the bridge dispatches")))
                .contains("2026-01-01T02:00:00.042+02:00 INFO  org.callosum.core.Bridge: the bridge dispatches");
    }

    @Test
    void levelsOfAnyLengthLeaveTheLoggersInOneColumn() {
        assertThat(Stream.of(LogLevel.INFO, LogLevel.ERROR)
                        .map(level -> lines.of(Entry.of(level, "a", "b")).orElseThrow())
                        .map(line -> line.indexOf("a: b")))
                .containsOnly(36);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"one\\ntwo", "one\\r\\ntwo", "a\\tb", "\\u001b[2J", "a\\u2028b", "a\\u0085b", "\\u0000"})
    void whatIsInAMessageCannotMakeItTwoLinesOrReachTheTerminal(String escaped) {
        assertThat(lines.of(Entry.of(LogLevel.INFO, "a", unescape(escaped))).orElseThrow())
                .endsWith("a: " + escaped)
                .hasLineCount(1);
    }

    @Test
    void aLongMessageIsCutAndSaysByHowMuch() {
        assertThat(lines.of(Entry.of(LogLevel.INFO, "a", "x".repeat(9_000))).orElseThrow())
                .endsWith("x… (808 more characters)")
                .hasSizeLessThan(8_400);
    }

    @Test
    void aWarningIsFollowedByItsStackTrace() {
        var failure = new IllegalStateException("no\nluck");
        assertThat(lines.of(Entry.of(LogLevel.WARN, "a", "failed").with(failure))
                        .orElseThrow()
                        .lines())
                .startsWith("2026-01-01T02:00:00.042+02:00 WARN  a: failed", "    java.lang.IllegalStateException: no")
                .anyMatch(row -> row.startsWith("        at " + getClass().getName()));
    }

    @Test
    void theNameOfFelixsCopyOfAFailureIsLeftOut() {
        var copy = new Exception("org.apache.felix.log.LogException: java.io.IOException: no");
        assertThat(lines.of(Entry.of(LogLevel.INFO, "a", "failed").with(copy)))
                .hasValueSatisfying(
                        line -> assertThat(line).endsWith("a: failed: java.lang.Exception: java.io.IOException: no"));
    }

    @Test
    void belowWarningAFailureIsNamedInTheLine() {
        assertThat(lines.of(Entry.of(LogLevel.DEBUG, "a", "failed").with(new IllegalStateException("no\nluck"))))
                .hasValueSatisfying(
                        line -> assertThat(line).endsWith("a: failed: java.lang.IllegalStateException: no\\nluck"));
    }

    @Test
    void theFrameworksEventsAreLeftOut() {
        assertThat(lines.of(Entry.of(LogLevel.INFO, "Events.Bundle.org.x", "BundleEvent STARTED")))
                .isEmpty();
    }

    @Test
    void theFrameworksErrorsAreWritten() {
        assertThat(lines.of(Entry.of(LogLevel.ERROR, "Events.Framework.org.x", "FrameworkEvent ERROR")
                        .with(new BundleException("no"))
                        .from("reference:file:/opt/callosum/system/org.x.jar")))
                .isPresent();
    }

    @Test
    void anAppThatDoesNotStartIsTheDeployersToReport() {
        var entry = Entry.of(LogLevel.ERROR, "Events.Framework.org.x", "FrameworkEvent ERROR")
                .from("file:/opt/callosum/apps/x.jar");
        assertThat(lines.of(entry.with(new BundleException("no")))).isEmpty();
        assertThat(lines.of(entry.with(new IllegalStateException("a listener of the app's threw"))))
                .isPresent();
    }

    @Test
    void theOldLogServicesNameIsLeftOut() {
        assertThat(lines.of(Entry.of(LogLevel.INFO, "LogService.org.x", "hello")))
                .hasValueSatisfying(line -> assertThat(line).endsWith(" org.x: hello"));
    }

    private static String unescape(String text) {
        var raw = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.startsWith("\\u", i)) {
                raw.append((char) Integer.parseInt(text.substring(i + 2, i + 6), 16));
                i += 5;
            } else if (text.charAt(i) == '\\') {
                raw.append(text.substring(i, i + 2).translateEscapes());
                i++;
            } else {
                raw.append(text.charAt(i));
            }
        }
        return raw.toString();
    }
}
