// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.callosum.api.Json;
import org.callosum.journal.FileStamp;
import org.callosum.journal.Journal;

/**
 * What the user has set in {@code config/config.json} of the journal, as far as it concerns support. The file is looked at
 * each time and read again when it has changed, so a change counts from the next event on. Unlike a name from the bus it may
 * be a symbolic link: the user chose it.
 *
 * <p><b>Threads.</b> May be used by several at once; two that find the file changed both read it.
 */
final class SupportSettings {
    /** No configuration is as long by far; what is longer is not read. */
    private static final int MAX_BYTES = 1 << 20;

    /** What the file said when it was read last. */
    private record Reading(FileStamp stamp, boolean proactive) {}

    private final Path file;
    private volatile Reading last;

    SupportSettings(Journal journal) {
        this.file = journal.root().resolve("config").resolve("config.json");
    }

    /** Whether to suggest help; so unless {@code support.enabled} or {@code support.proactive} is {@code false}. */
    boolean isProactive() {
        try {
            FileStamp now = FileStamp.of(file);
            Reading reading = last;
            if (reading == null || !reading.stamp().equals(now)) {
                reading = new Reading(now, read());
                last = reading;
            }
            return reading.proactive();
        } catch (IOException missingOrUnreadable) {
            return true;
        }
    }

    private boolean read() throws IOException {
        // A pipe, opened, would hold the handler for ever.
        if (!Files.isRegularFile(file)) {
            return true;
        }
        byte[] bytes;
        try (var stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(MAX_BYTES + 1);
        }
        try {
            return bytes.length > MAX_BYTES || isOn(Json.parseObject(new String(bytes, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException notJson) {
            return true;
        }
    }

    private static boolean isOn(Map<String, Object> settings) {
        return !(settings.get("support") instanceof Map<?, ?> support)
                || !Boolean.FALSE.equals(support.get("enabled")) && !Boolean.FALSE.equals(support.get("proactive"));
    }
}
