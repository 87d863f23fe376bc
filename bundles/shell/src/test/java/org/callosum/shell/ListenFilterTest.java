// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** {@code listen} with a filter over the events' fields. */
@Timeout(60)
class ListenFilterTest {
    private final FakeContext context = new FakeContext();

    @AutoClose
    private final Gogo gogo = new Gogo().add(new ListenCommand(context.proxy()), "listen");

    @Test
    void itIsTheHandlersOwn() throws Exception {
        gogo.start("listen -t observe '(&(service=camera)(level>=3))'");

        assertThat(context.awaitRegistration().properties().get("event.filter"))
                .isEqualTo("(&(service=camera)(level>=3))");
    }

    @Test
    void oneThatIsNoneIsAnErrorAndNobodyListens() {
        assertThatThrownBy(() -> gogo.run("listen service=camera"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'service=camera' is no filter: write one over the fields");
        assertThatThrownBy(() -> gogo.run("listen '(a=b)' '(c=d)'")).hasMessageStartingWith("Too many words");
        assertThatThrownBy(() -> gogo.run("listen -t ''"))
                .hasMessage("Property 'tract' is empty: give a name, or '*' for all");
    }
}
