// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class EventTapTest {
    @Test
    void eventsComeOutInTheirOrder() throws InterruptedException {
        EventTap tap = new EventTap(10, 1_000);
        put(tap, "1");
        put(tap, "2");

        assertThat(tap.take().message().event()).isEqualTo("1");
        assertThat(tap.take().message().event()).isEqualTo("2");
    }

    @Test
    void whatFindsNoRoomIsCountedInItsPlace() throws InterruptedException {
        EventTap tap = new EventTap(2, 1_000);
        put(tap, "1");
        put(tap, "2");
        put(tap, "dropped");
        put(tap, "dropped");
        assertThat(tap.take().message().event()).isEqualTo("1");
        put(tap, "3");
        put(tap, "dropped");

        assertThat(tap.take().message().event()).isEqualTo("2");
        assertThat(tap.take()).isEqualTo(new EventTap.Entry(null, 2));
        assertThat(tap.take().message().event()).isEqualTo("3");
        assertThat(tap.take()).isEqualTo(new EventTap.Entry(null, 1));
        put(tap, "4");
        assertThat(tap.take().message().event()).isEqualTo("4");
    }

    @Test
    void bytesAreBoundedTooAndOneEventIsTakenWhateverItsSize() throws InterruptedException {
        EventTap tap = new EventTap(10, 100);
        put(tap, "x".repeat(200));
        put(tap, "dropped");

        assertThat(tap.take().message().event()).hasSize(200);
        assertThat(tap.take().dropped()).isEqualTo(1);
        put(tap, "2");
        put(tap, "3");
        assertThat(tap.take().message().event()).isEqualTo("2");
        assertThat(tap.take().message().event()).isEqualTo("3");
    }

    @Test
    void whoWaitsGetsNothingMoreWhenItIsClosed() throws Exception {
        EventTap tap = new EventTap(2, 1_000);
        CompletableFuture<EventTap.Entry> taken = CompletableFuture.supplyAsync(() -> {
            try {
                return tap.take();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        tap.close();

        assertThat(taken.get()).isNull();
        put(tap, "late");
        assertThat(tap.take()).isNull();
    }

    private static void put(EventTap tap, String event) {
        tap.handle(new EventContext(Message.of("a", event, Map.of()), "app"));
    }
}
