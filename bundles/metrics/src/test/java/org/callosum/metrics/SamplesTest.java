// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.callosum.api.Json;
import org.callosum.core.HandlerStatus.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** The board and the rules that the distribution has, held against what there is. */
class SamplesTest {
    private static final Path FOLDER = Path.of("../../launcher/src/main/dist/monitoring");
    private static final Pattern NAME = Pattern.compile("callosum_[a-z0-9_]+");

    @ParameterizedTest
    @ValueSource(strings = {"grafana-dashboard.json", "prometheus-rules.yml"})
    void aSampleNamesOnlyMetricsThatExist(String file) throws Exception {
        Set<String> named = names(Files.readString(FOLDER.resolve(file)));

        assertThat(named).hasSizeGreaterThan(5).isSubsetOf(exposed());
    }

    @Test
    void theBoardIsJsonAndEachOfItsPanelsAsksForSomething() throws Exception {
        Map<String, Object> board = Json.parseObject(Files.readString(FOLDER.resolve("grafana-dashboard.json")));

        assertThat((Iterable<?>) board.get("panels")).isNotEmpty().allSatisfy(panel -> assertThat(
                        (Iterable<?>) ((Map<?, ?>) panel).get("targets"))
                .isNotEmpty());
    }

    @Test
    void promtoolTakesTheRules() throws Exception {
        assertThat(Promtool.check(
                        new byte[0],
                        "check",
                        "rules",
                        FOLDER.resolve("prometheus-rules.yml").toString()))
                .contains("SUCCESS");
    }

    /** The names of all samples of a runtime that has everything. */
    private static Set<String> exposed() {
        FakeCore core = new FakeCore().with(1, "app", "Handler", State.ACTIVE);
        for (BusMetric metric : BusMetric.values()) {
            core.counters.put(metric.counter(), 1L);
        }
        String page = new String(
                new MetricsPage(core.metrics(20)::collect).write(null).body(), UTF_8);
        return names(page.lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining("\n")));
    }

    private static Set<String> names(String text) {
        return NAME.matcher(text)
                .results()
                .map(result -> result.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
