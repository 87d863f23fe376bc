// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LineOutputTest {
    private static final String TEXT = "one\n\nzwölf\nthree\nrest";

    private final List<String> seen = new ArrayList<>();

    @Test
    void aLineIsTakenWhenItsEndHasComeWhereverTheWritesAreCut() throws IOException {
        byte[] bytes = TEXT.getBytes(UTF_8);
        for (int cut = 1; cut <= bytes.length; cut++) {
            seen.clear();
            LineOutput output = new LineOutput(line -> seen.add(new String(line, UTF_8)), () -> seen.add("flush"));
            for (int from = 0; from < bytes.length; from += cut) {
                output.write(bytes, from, Math.min(cut, bytes.length - from));
            }
            output.flush();

            assertThat(seen).as("cut each %d bytes", cut).containsExactly("one", "", "zwölf", "three", "flush");
        }
    }

    @Test
    void whatItsTakerThrowsEndsTheWrite() {
        LineOutput output = new LineOutput(
                line -> {
                    seen.add(new String(line, UTF_8));
                    throw new IOException("Enough");
                },
                () -> {});

        assertThatThrownBy(() -> output.write(TEXT.getBytes(UTF_8))).hasMessage("Enough");
        assertThat(seen).containsExactly("one");
    }
}
