// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class CandidatesTest {
    private final FakeContext context = new FakeContext();
    private final FakeDispatcher dispatcher =
            new FakeDispatcher(true, List.of(Handlers.SEGMENT_LOG, Handlers.FAILED), List.of());

    @AutoClose
    private final Gogo gogo = new Gogo();

    /** What is typed so far, as JLine has it. */
    public record Line(List<String> words, int wordIndex) {}

    /** The cursor is behind the last blank. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "handler                  | observer/History segment-log/SegmentLog",
                "release                  | observer/History segment-log/SegmentLog",
                "handlers                 | observer observer/History segment-log/SegmentLog",
                "handler --json           | observer/History segment-log/SegmentLog",
                "handler observer/History | ''",
                "app                      | observer",
                "update observer          | ''",
                "disconnect               | 12 3",
                "explain                  | activity observe think",
                "trace --timeout 5s       | activity observe think",
                "trace observe            | observed transferred",
                "trace observe observed   | ''",
                "send think               | ''",
                "listen                   | ''",
                "listen -t                | activity observe think",
                "listen -t door --event   | observed transferred",
                "status                   | ''"
            })
    void whatMayFollowIsOffered(String typed, String offered) {
        context.addBundle(11, "org.callosum.apps.observer", "observer");
        String command = typed.split(" ")[0];
        List<String> words = List.of((typed + " ").split(" ", -1));
        gogo.session.put(".commandLine", new Line(words, words.size() - 1));

        assertThat(new Candidates(context.proxy(), dispatcher, FakeBridge.SERVED).of(gogo.session, command))
                .containsExactly(offered.isEmpty() ? new String[0] : offered.split(" "));
    }

    @Test
    void withoutTheCoreNothingIs() {
        Candidates candidates = new Candidates(context.proxy(), null, null);

        for (String each : List.of("handler", "app", "disconnect", "trace", "listen", "nonsense")) {
            assertThat(candidates.of(gogo.session, each)).as(each).isEmpty();
        }
    }
}
