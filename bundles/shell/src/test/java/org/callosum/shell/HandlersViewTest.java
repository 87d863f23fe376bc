// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HandlersViewTest {
    @Test
    void handlersAreAlignedByAppAndThoseThatAreNotWellSayWhy() {
        assertThat(HandlersView.text(List.of(Handlers.SEGMENT_LOG, Handlers.FAILED)))
                .isEqualTo(
                        """
                        TRACT                   EVENT                 APP          HANDLER     BUNDLE                                  STATE   INVOKED  FAILED  TIMED OUT  RUNNING
                        observe                 observed,transferred  observer     History     11 org.callosum.apps.observer 1.0.0     failed        7       7          2        0
                        observe,think,activity  *                     segment-log  SegmentLog  12 org.callosum.apps.segment-log 1.0.0  active     1234       0          0        1

                        Problems:
                          observer/History (service 40, failed): java.lang.IllegalStateException: no\\u000ajournal
                        """);
    }

    @Test
    void filtersAndTimeLimitsOfTheirOwnAreBelowTheTable() {
        assertThat(HandlersView.text(List.of(Handlers.PICKY)))
                .isEqualTo(
                        """
                        TRACT  EVENT   APP   HANDLER  BUNDLE                     STATE   INVOKED  FAILED  TIMED OUT  RUNNING
                        door   opened  door  Camera   13 com.example.door 1.0.0  active        3       0          0        0

                        Filters and time limits:
                          door/Camera: wants (camera=\\u001b[2J*), asks for 5.0 s
                        """);
    }

    @Test
    void namesOfOthersAreShortenedAndFitForATerminal() {
        assertThat(HandlersView.text(List.of(Handlers.BAD)))
                .isEqualTo(
                        """
                        TRACT  EVENT  APP                    HANDLER        BUNDLE                                             STATE  INVOKED  FAILED  TIMED OUT  RUNNING
                        -      -      com.example.\\u001b[2J  Bad\\u202eName  20 com.example.xxxxxxxxxxxxxxxxxxxxxxxxxxx… 0.1.0  bad          0       0          0        0

                        Problems:
                          com.example.\\u001b[2J/Bad\\u202eName (service 44, bad): Service property 'tract' is missing: give a name, or '*' for all
                        """);
    }

    @Test
    void noHandlersAreSaidInASentence() {
        assertThat(HandlersView.text(List.of())).isEqualTo("No handlers: no bundle has published one.\n");
    }
}
