// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.eventadmin.Flow.Advice;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FlowTest {
    private static final Duration STALL = Duration.ofSeconds(10);

    private final AtomicLong now = new AtomicLong();
    private final Flow flow = new Flow(now::get);

    @BeforeEach
    void setStall() {
        flow.setStall(STALL);
    }

    @Test
    void noMoreIsPostedThanMayBeUnconfirmed() {
        for (int i = 0; i < Flow.MAX_POSTED; i++) {
            assertThat(flow.advice()).isEqualTo(Advice.POST);
            flow.next();
        }
        assertThat(flow.advice()).isEqualTo(Advice.WAIT);

        flow.confirm(1);

        assertThat(flow.advice()).isEqualTo(Advice.POST);
    }

    @Test
    void nothingIsPostedBehindAnEventThatIsLongUnconfirmed() {
        flow.next();
        now.addAndGet(Duration.ofSeconds(1).toNanos());

        assertThat(flow.advice()).isEqualTo(Advice.WAIT);
    }

    @Test
    void anIdleTimeIsNoStall() {
        flow.confirm(flow.next());
        now.addAndGet(STALL.toNanos());
        assertThat(flow.advice()).isEqualTo(Advice.POST);
        flow.next();

        assertThat(flow.advice()).isEqualTo(Advice.POST);
    }

    @Test
    void afterAStallTheNextThreadPosts() {
        flow.next();
        flow.next();
        now.addAndGet(STALL.toNanos());

        assertThat(flow.advice()).isEqualTo(Advice.CHANGE_THREAD);
        assertThat(flow.changeThread()).as("held up").isEqualTo(2);
        assertThat(flow.advice()).isEqualTo(Advice.POST);
    }

    @Test
    void whatAThreadLeftBehindHasPostedConfirmsNothingOfTheNext() {
        long old = flow.next();
        stall();
        flow.next();
        now.addAndGet(Duration.ofSeconds(1).toNanos());

        flow.confirm(old);

        assertThat(flow.advice()).isEqualTo(Advice.WAIT);
    }

    @Test
    void soManyThreadsAreLeftBehindUntilOneComesFree() {
        long first = flow.next();
        stall();
        for (int i = 1; i < Flow.MAX_LEFT_BEHIND; i++) {
            flow.next();
            stall();
        }
        flow.next();
        now.addAndGet(STALL.toNanos());
        assertThat(flow.advice()).isEqualTo(Advice.WAIT);

        flow.confirm(first);

        assertThat(flow.advice()).isEqualTo(Advice.CHANGE_THREAD);
    }

    @Test
    void anotherEventAdminBeginsAnew() {
        flow.next();
        now.addAndGet(STALL.toNanos());

        flow.reset();

        assertThat(flow.advice()).isEqualTo(Advice.POST);
    }

    private void stall() {
        now.addAndGet(STALL.toNanos());
        assertThat(flow.advice()).isEqualTo(Advice.CHANGE_THREAD);
        flow.changeThread();
    }
}
