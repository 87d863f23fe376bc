// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.callosum.itests.cases.AppJar.Handler;
import org.callosum.itests.traffic.NumberedTraffic;
import org.callosum.itests.traffic.Sighting;
import org.callosum.itests.traffic.Tally;
import org.junit.Test;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole path, from outside to a handler and back: who gets what, and in which order. */
public abstract class PathCases extends ContainerCases {
    @Test
    public void everyEventGoesFromOutsideToTheHandlerAndItsAnswerBack() throws Exception {
        bundles.start(AppJar.of("test.path", "1.2.3"));

        traffic.start(10_000);
        awaitNumber("test.path", 5_000);
        long last = settle("test.path");

        Tally tally = assertClean("test.path", 1, last);
        assertThat(tally.versions()).containsExactly("1.2.3");
        assertThat(tally.instances()).isEqualTo(1);
    }

    @Test
    public void aWildcardGetsWhatItCoversAndNoneIsTakenForAPattern() throws Exception {
        bundles.start(AppJar.of("test.wild", "1.0.0")
                .with(
                        new Handler("event", "numbered", "*"),
                        new Handler("tract", "*", "sent"),
                        new Handler("all", "*", "*"),
                        new Handler("pattern", "num*", "sent"),
                        new Handler("other", "numbered", "unsent")));

        flow("event", "tract", "all");
        awaitMore(500, "event", "tract", "all");
        long last = settle("event", "tract", "all");

        for (String handler : List.of("event", "tract", "all")) {
            assertClean(handler, 1, last);
        }
        assertThat(checker.highest("pattern")).as("'num*' is a name").isEqualTo(-1);
        assertThat(checker.highest("other")).isEqualTo(-1);
    }

    @Test
    public void exactHandlersComeBeforeWildcardsAndOneEventAfterTheOther() throws Exception {
        settings.put(CORE, Map.of("workers", 1)); // side by side there is no order among an event's handlers
        bundles.start(AppJar.of("test.order", "1.0.0")
                .with(
                        new Handler("all4", "*", "*"),
                        new Handler("event3", "*", "sent"),
                        new Handler("tract2", "numbered", "*"),
                        new Handler("exact1", "numbered", "sent")));
        List<Sighting> sightings = new CopyOnWriteArrayList<>();
        traffic.close();
        traffic = NumberedTraffic.connect(container().socket(), sighting -> {
            sightings.add(sighting);
            checker.accept(sighting);
        });

        traffic.start(500);
        awaitNumber("all4", 200);
        long last = settle("exact1", "tract2", "event3", "all4");

        assertThat(sightings.stream().map(each -> each.n() + " " + each.by()))
                .containsExactlyElementsOf(LongStream.rangeClosed(1, last)
                        .boxed()
                        .flatMap(n ->
                                Stream.of("exact1", "tract2", "event3", "all4").map(handler -> n + " " + handler))
                        .toList());
    }

    @Test
    public void twoVersionsOfAnAppWorkSideBySideAndEachIsUpdatedByItself() throws Exception {
        bundles.start(AppJar.of("test.twin", "1.0.0").with(new Handler("older", "numbered", "sent")));
        AppJar younger = AppJar.of("test.twin", "2.0.0").with(new Handler("younger", "numbered", "sent"));
        Bundle updated = bundles.start(younger);

        flow("older", "younger");
        bundles.update(updated, younger.inVersion("2.1.0"));
        awaitVersion("younger", "2.1.0");
        long last = settle("older", "younger");

        assertThat(assertClean("older", 1, last).versions()).containsExactly("1.0.0");
        assertThat(assertClean("younger", 1, last).versions()).containsExactly("2.0.0", "2.1.0");
    }
}
