// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.callosum.core.AbsentComponent;
import org.callosum.shell.AppsView.App;
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

    private static final AbsentComponent LACKS = new AbsentComponent(
            21,
            "com.example.lacking",
            "com.example.Lacking",
            true,
            AbsentComponent.Cause.REFERENCE,
            "its reference 'journal' is missing: there is no service com.example.Journal");
    private static final AppBundle LACKING =
            new AppBundle(21, "com.example.lacking", "0.1.0", "com.example.lacking", false, "active");
    private static final List<App> APPS = AppsView.apps(
            List.of(NO_APP, OBSERVER, DEV_LOG, PLAIN, LACKING),
            List.of(Handlers.FAILED, Handlers.SEGMENT_LOG, Handlers.BAD),
            List.of(ParkedViewTest.AWAY),
            List.of(LACKS));

    @Test
    void anAppIsABundleThatSaysSoOrHasAHandlerOrWouldHaveOne() {
        assertThat(AppsView.text(APPS, Screen.PLAIN))
                .isEqualTo(
                        """
                        APP                  STATE     HANDLERS  NOT WELL  INVOKED  FAILED  TIMED OUT  RATE  PARKED  BUNDLE
                        com.example          active           1         1        0       0          0   0/s       0  20 com.example 0.1.0
                        com.example.lacking  active           0         1        0       0          0   0/s       0  21 com.example.lacking 0.1.0
                        dev-log              resolved         0         0        0       0          0   0/s       0  13 org.callosum.apps.dev-log 1.0.0
                        observer             active           1         1        7       7          2   0/s     512  11 org.callosum.apps.observer 1.0.0
                        """);
    }

    @Test
    void oneAppIsShownWithItsHandlersAndWhatItLacks() {
        assertThat(AppsView.detail(List.of(APPS.get(3)), Screen.PLAIN))
                .contains("\n40  observer ", "\nProblems:\n", "\nobserver    away ");
        assertThat(AppsView.detail(List.of(APPS.get(1)), Screen.PLAIN))
                .endsWith(
                        """

                        MISSING COMPONENT    WHY
                        com.example.Lacking  its reference 'journal' is missing: there is no service com.example.Journal
                        """);
    }

    @Test
    void scriptsGetTheSumsAndOfOneAppAllElse() {
        assertThat(AppsView.json(APPS, false)).element(3).satisfies(app -> assertThat(app)
                .containsEntry("app", "observer")
                .containsEntry("parkedEvents", 512L)
                .containsEntry("timedOut", 2L)
                .doesNotContainKey("handlers"));
        assertThat(AppsView.json(APPS, true).get(1).get("missingComponents"))
                .isEqualTo(List.of(Fields.of("component", "com.example.Lacking", "why", LACKS.reason())));
    }

    @Test
    void noAppsAreSaidInASentence() {
        assertThat(AppsView.text(AppsView.apps(List.of(NO_APP), List.of(), List.of(), List.of()), Screen.PLAIN))
                .isEqualTo(
                        "No apps: no bundle has the header Callosum-App, an import of org.callosum.api, or a handler.\n");
    }
}
