// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Map;

import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.shell.EventCounts.Name;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EventCountsTest {
    private final EventCounts counts = new EventCounts();

    @Test
    void whatCameSinceTheLastLookIsCountedByName() {
        count("a", "b");
        count("a", "b");
        count("a", "c");

        assertThat(counts.take()).isEqualTo(Map.of(new Name("a", "b"), 2L, new Name("a", "c"), 1L));
        assertThat(counts.take()).isEmpty();
        count("a", "b");
        assertThat(counts.take()).isEqualTo(Map.of(new Name("a", "b"), 1L));
    }

    @Test
    void howeverManyNamesThereAreTheMemoryIsBounded() {
        for (int i = 0; i < 5_000; i++) {
            count("a", "x".repeat(300) + i);
            count("a", String.valueOf(i));
        }

        Map<Name, Long> taken = counts.take();
        assertThat(taken).hasSizeLessThanOrEqualTo(1_001).containsKey(EventCounts.OTHER);
        assertThat(taken.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(10_000);
        assertThat(taken.keySet()).allSatisfy(name -> assertThat(name.event()).hasSizeLessThanOrEqualTo(200));
    }

    private void count(String tract, String event) {
        counts.handle(new EventContext(Message.of(tract, event, Map.of()), "shell"));
    }
}
