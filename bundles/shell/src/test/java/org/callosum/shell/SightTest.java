// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.callosum.core.AbsentComponent;
import org.callosum.core.AbsentComponent.Cause;
import org.callosum.core.HandlerStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.shell.AppsView.App;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class SightTest {
    private static final long APP = 5;
    private static final long LIBRARY = 6;

    private final FakeContext context = new FakeContext();

    @Test
    void theCoreIsAskedWhatAppsLackAndWhoeverElseWouldHaveAHandler() {
        context.addBundle(APP, "com.example.door", "door");
        context.addBundle(LIBRARY, "com.example.library", null);

        assertThat(new Sight(context.proxy(), AskedDispatcher.answering(new Answers()), null).apps())
                .flatExtracting(App::missing)
                .extracting(AbsentComponent::bundleId, AbsentComponent::name)
                .containsExactlyInAnyOrder(tuple(APP, "Lock"), tuple(LIBRARY, "Handler"));
    }

    @Test
    void anAppThatSaysSoByItsImportAloneIsThereWhileItDoesNotRun() {
        context.addStoppedImporter(APP, "com.example.door");
        context.addBundle(LIBRARY, "com.example.library", null);

        assertThat(new Sight(context.proxy(), null, null).apps())
                .extracting(app -> app.bundle().app(), app -> app.bundle().state())
                .containsExactly(tuple("com.example.door", "resolved"));
    }

    @Test
    void withoutACoreNobodySaysWhatIsMissing() {
        context.addBundle(APP, "com.example.door", "door");

        assertThat(new Sight(context.proxy(), null, null).apps())
                .singleElement()
                .satisfies(app -> assertThat(app.missing()).isEmpty());
    }

    private static final class Answers {
        List<HandlerStatus> handlers() {
            return List.of();
        }

        List<ParkedStatus> parked() {
            return List.of();
        }

        List<AbsentComponent> absentComponents() {
            return List.of(
                    absent(APP, "Lock", false, Cause.REFERENCE),
                    absent(APP, "Off", true, Cause.DISABLED),
                    absent(LIBRARY, "Handler", true, Cause.CONFIGURATION),
                    absent(LIBRARY, "Pool", false, Cause.REFERENCE));
        }

        private static AbsentComponent absent(long bundle, String name, boolean isHandler, Cause cause) {
            return new AbsentComponent(bundle, "b" + bundle, name, isHandler, cause, "reason");
        }
    }
}
