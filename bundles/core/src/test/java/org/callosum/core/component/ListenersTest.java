// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.callosum.core.HandlerEvent;
import org.callosum.core.RuntimeListener;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ListenersTest {
    @Test
    void whatOneThrowsTheOthersDoNotNotice() {
        var told = new ArrayList<HandlerEvent>();
        var listeners = new Listeners();
        for (Error theirs : List.of(new NoClassDefFoundError("gone"), new AssertionError("wrong"))) {
            listeners.add(new RuntimeListener() {
                @Override
                public void happened(HandlerEvent event) {
                    throw theirs;
                }
            });
        }
        listeners.add(new RuntimeListener() {
            @Override
            public void happened(HandlerEvent event) {
                told.add(event);
            }
        });
        var event = new HandlerEvent(
                HandlerEvent.Kind.FAILED, 1, "app", "handler", 1, "test.app", "1.0.0", Optional.empty(), "no file");

        listeners.happened(event);

        assertThat(told).containsExactly(event);
    }
}
