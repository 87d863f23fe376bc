// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.callosum.shell.AppsView.AppBundle;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AppsViewTest {
    private static final AppBundle OBSERVER =
            new AppBundle(11, "org.callosum.apps.observer", "1.0.0", "observer", true, "active");
    private static final AppBundle DEV_LOG =
            new AppBundle(13, "org.callosum.apps.dev-log", "1.0.0", "dev-log", true, "resolved");
    private static final AppBundle PLAIN = new AppBundle(20, "com.example", "0.1.0", "com.example", false, "active");
    private static final AppBundle NO_APP =
            new AppBundle(1, "org.example.lib", "1.0.0", "org.example.lib", false, "active");

    @Test
    void anAppIsABundleThatSaysSoOrHasAHandler() {
        assertThat(AppsView.text(
                        List.of(NO_APP, OBSERVER, DEV_LOG, PLAIN),
                        List.of(Handlers.FAILED, Handlers.FAILED, Handlers.BAD)))
                .isEqualTo(
                        """
                        APP          BUNDLE                               STATE     HANDLERS  NOT WELL  INVOKED  FAILED  TIMED OUT
                        com.example  20 com.example 0.1.0                 active           1         1        0       0          0
                        dev-log      13 org.callosum.apps.dev-log 1.0.0   resolved         0         0        0       0          0
                        observer     11 org.callosum.apps.observer 1.0.0  active           2         2       14      14          4
                        """);
    }

    @Test
    void noAppsAreSaidInASentence() {
        assertThat(AppsView.text(List.of(NO_APP), List.of()))
                .isEqualTo("No apps: no bundle has a Callosum-App header or a handler.\n");
    }
}
