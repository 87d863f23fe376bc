// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StackTextTest {
    @Test
    void anExceptionIsItsClassAndItsMessageCutToALine() {
        assertThat(StackText.error(new IllegalStateException("x"))).isEqualTo("java.lang.IllegalStateException: x");
        assertThat(StackText.error(new IllegalStateException("x".repeat(10_000))))
                .hasSize(StackText.MAX_LINE)
                .endsWith("x…");
    }

    @Test
    void causesFollowAsFarAsTheyAreFew() {
        Exception chain = new Exception("0");
        for (int i = 1; i < 50; i++) {
            chain = new Exception(Integer.toString(i), chain);
        }

        assertThat(StackText.lines(LoggedFailure.of(chain)))
                .filteredOn(line -> line.startsWith("Caused by: "))
                .hasSize(LoggedFailure.MAX_OTHERS)
                .first()
                .isEqualTo("Caused by: java.lang.Exception: 48");
    }

    @Test
    void aStackIsCutAndSaysSo() {
        Exception deep = new Exception();
        StackTraceElement[] frames = new StackTraceElement[1_000];
        java.util.Arrays.setAll(frames, i -> new StackTraceElement("a.B", "c", "B.java", i));
        deep.setStackTrace(frames);

        assertThat(StackText.lines(LoggedFailure.of(deep)))
                .hasSize(StackText.MAX_FRAMES + 1)
                .startsWith("at a.B.c(B.java:0)")
                .endsWith("... 960 more");
    }

    @Test
    void aCircleOfCausesEnds() {
        Exception first = new Exception("first");
        first.initCause(new Exception("second", first));

        assertThat(StackText.lines(LoggedFailure.of(first)))
                .filteredOn(line -> line.startsWith("Caused by: "))
                .containsExactly("Caused by: java.lang.Exception: second");
    }

    @Test
    void whatTheExceptionItselfThrowsIsSaidInsteadOfItsText() {
        Exception broken = new Exception() {
            private static final long serialVersionUID = 1L;

            @Override
            public String toString() {
                throw new StackOverflowError();
            }
        };

        assertThat(StackText.error(broken)).isEqualTo(broken.getClass().getName() + ", which cannot be printed");
        assertThat(StackText.lines(LoggedFailure.of(new Exception("outer", broken))))
                .contains("Caused by: " + broken.getClass().getName() + ", which cannot be printed");
    }
}
