// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.jar.JarInputStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** How handlers are published as services, and what of them is called. */
@Timeout(60)
class WhiteboardIT {
    private static final String OBSERVED = """
            {"tract":"observe","event":"observed","day":"20260101"}""";
    private static final String TRANSFERRED =
            """
            {"tract":"observe","event":"transferred","day":"20260101"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withCore);

    @Test
    void aComponentListensToWhatItsAnnotationSays() throws Exception {
        runtime.install(TestBundle.app("annotated"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.probe().dispatch(TRANSFERRED)).isEqualTo(1);
        assertThat(runtime.probe().dispatch(event("observe", "status"))).isZero();

        assertThat(runtime.calls()).containsExactly("annotated observe/observed", "annotated observe/transferred");
    }

    @Test
    void aComponentListensToWhatItsPropertiesSay() throws Exception {
        runtime.install(TestBundle.app("declared"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.probe().dispatch(TRANSFERRED)).isEqualTo(1);

        assertThat(runtime.calls())
                .containsExactly(
                        "declared callosum/observe/observed day=20260101",
                        "declared callosum/observe/transferred day=20260101");
    }

    @Test
    void anActivatorsHandlerIsCalledAndNamedAfterItsClass() throws Exception {
        runtime.install(TestBundle.app("activated"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);

        assertThat(runtime.calls()).containsExactly("activated 20260101 in its own class loader");
        assertThat(runtime.probe().handlers()).extracting("name").containsExactly("Activator (lambda)");
    }

    @Test
    void aPlainHandlerNeedsNoClassOfOurs() throws Exception {
        try (JarInputStream jar = new JarInputStream(TestBundle.app("declared").jar())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Import-Package"))
                    .contains("org.osgi.service.event")
                    .doesNotContain("org.callosum");
        }
        Bundle bundle = runtime.install(TestBundle.app("declared"));

        assertThatThrownBy(() -> bundle.loadClass("org.callosum.api.EventContext"))
                .isInstanceOf(ClassNotFoundException.class);
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
    }

    @Test
    void whatAnOperatorSeesOfAHandlerNamesItsBundle() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("annotated").inVersion("1.2.3"));
        runtime.probe().dispatch(OBSERVED);

        assertThat(runtime.probe().handlerCount()).isEqualTo(1);
        assertThat(runtime.probe().handlers()).singleElement().satisfies(handler -> assertThat(handler)
                .containsEntry("app", "annotated")
                .containsEntry("name", "Annotated")
                .containsEntry("bundleId", bundle.getBundleId())
                .containsEntry("bundle", "test.annotated")
                .containsEntry("version", "1.2.3")
                .containsEntry("state", "ACTIVE")
                .containsEntry("invoked", 1L)
                .containsEntry("problem", "")
                .containsEntry(
                        "subscriptions",
                        List.of(
                                Map.of("tract", "observe", "event", "observed"),
                                Map.of("tract", "observe", "event", "transferred"))));
    }

    @Test
    void anAppIsNamedAfterItsSymbolicNameUnlessItsHeaderSaysOtherwise() throws Exception {
        runtime.install(TestBundle.app("annotated").withoutAppHeader());

        runtime.probe().dispatch(OBSERVED);

        assertThat(runtime.calls()).containsExactly("test.annotated observe/observed");
    }

    static Stream<Arguments> twoNames() {
        return Stream.of(
                arguments((Object) new String[] {"observed", "transferred"}),
                arguments(List.of("observed", "transferred")),
                arguments(Set.of("observed", "transferred")));
    }

    @ParameterizedTest
    @MethodSource("twoNames")
    void severalValuesMeanEveryCombination(Object events) throws Exception {
        withRegistrar();
        runtime.probe().register(Map.of("name", "both", "tract", List.of("observe", "cortex"), "event", events));

        for (String tract : List.of("observe", "cortex", "think")) {
            for (String event : List.of("observed", "transferred", "finish")) {
                runtime.probe().dispatch(event(tract, event));
            }
        }

        assertThat(runtime.calls())
                .containsExactly(
                        "both callosum/observe/observed",
                        "both callosum/observe/transferred",
                        "both callosum/cortex/observed",
                        "both callosum/cortex/transferred");
    }

    @Test
    void aSingleStringIsOneName() throws Exception {
        withRegistrar();
        runtime.probe().register(Map.of("name", "one", "tract", "obs*", "event", "observed"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();
        assertThat(runtime.probe().dispatch(event("obs*", "observed"))).isEqualTo(1);
    }

    @Test
    void handlersGoInTheOrderOfTheirMatchThenOfTheirRankingThenOfTheirServiceId() throws Exception {
        withRegistrar();
        runtime.probe().configureCore(Map.of("workers", 1, "timeoutMillis", 3_600_000));
        for (Map<String, Object> properties : List.<Map<String, Object>>of(
                Map.of("name", "all", "tract", "*", "event", "*", "service.ranking", 100),
                Map.of("name", "any tract", "tract", "*", "event", "observed"),
                Map.of("name", "any event", "tract", "observe", "event", "*"),
                Map.of("name", "exact", "tract", "observe", "event", "observed"),
                Map.of("name", "exact, later", "tract", "observe", "event", "observed"),
                Map.of("name", "exact, high", "tract", "observe", "event", "observed", "service.ranking", 7),
                Map.of("name", "exact, low", "tract", "observe", "event", "observed", "service.ranking", -7))) {
            runtime.probe().register(properties);
        }

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(7);

        assertThat(runtime.calls())
                .extracting(call -> call.replace(" callosum/observe/observed", ""))
                .containsExactly("exact, high", "exact", "exact, later", "exact, low", "any event", "any tract", "all");
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                arguments(Map.of("event", "observed"), "'tract'", "is missing"),
                arguments(Map.of("tract", "observe"), "'event'", "is missing"),
                arguments(Map.of("tract", "", "event", "observed"), "'tract'", "is empty"),
                arguments(Map.of("tract", "observe", "event", new String[] {"observed", ""}), "'event'", "is empty"),
                arguments(Map.of("tract", new String[0], "event", "observed"), "'tract'", "has no value"),
                arguments(Map.of("tract", List.of(), "event", "observed"), "'tract'", "has no value"),
                arguments(Map.of("tract", 42, "event", "observed"), "'tract'", "is a java.lang.Integer"),
                arguments(
                        Map.of("tract", "observe", "event", List.of("observed", 42)),
                        "'event'",
                        "holds a java.lang.Integer"),
                arguments(Map.of("service.description", "neither"), "'event'", "is missing"),
                arguments(Map.of("tract", "observe", "event.topics", "some/topic"), "'event'", "is missing"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void aMalformedRegistrationIsWarnedOfOnceAndHarmsNothing(
            Map<String, Object> properties, String property, String problem) throws Exception {
        Bundle registrar = withRegistrar();
        runtime.install(TestBundle.app("annotated"));
        runtime.probe().register(properties);

        assertThat(runtime.probe().dispatch(OBSERVED))
                .as("the well-formed handler")
                .isEqualTo(1);
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);

        Map<String, Object> bad = runtime.probe().handlers("registrar").get(0);
        assertThat(bad).containsEntry("state", "BAD").containsEntry("subscriptions", List.of());
        assertThat(runtime.awaitLog("WARN"))
                .contains(property, problem)
                .contains("service " + bad.get("serviceId"))
                .contains(registrar.getSymbolicName() + " 1.0.0")
                .contains("give a name, or '*' for all, as a String, a String[] or a Collection of String");
        assertThat(bad.get("problem").toString()).contains(property, problem);
        assertThat(runtime.probe().handlerCount()).as("malformed ones are none").isEqualTo(1);
        assertThat(nothingIsWarnedOfBefore(this::registerAnotherMalformed)).isTrue();
    }

    @Test
    void aMalformedRegistrationThatChangesWithoutBeingMendedIsNotWarnedOfAgain() throws Exception {
        withRegistrar();
        Consumer<Map<String, Object>> handler = runtime.probe().register(Map.of("tract", "observe"));
        assertThat(runtime.awaitLog("WARN")).contains("'event'", "is missing");

        handler.accept(Map.of("tract", "observe", "service.ranking", 5));

        assertThat(nothingIsWarnedOfBefore(this::registerAnotherMalformed)).isTrue();
    }

    @Test
    void aHandlerForEventAdminAloneIsNoneOfOurs() throws Exception {
        withRegistrar();
        runtime.probe().register(Map.of("name", "EventAdmin's", "event.topics", "*"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();

        assertThat(runtime.probe().handlers()).isEmpty();
        assertThat(nothingIsWarnedOfBefore(this::registerAnotherMalformed)).isTrue();
    }

    @Test
    void aHandlerOfEventAdminThatNamesATractAndAnEventLaterIsOurs() throws Exception {
        withRegistrar();
        Consumer<Map<String, Object>> handler =
                runtime.probe().register(Map.of("name", "late", "event.topics", "some/topic"));

        handler.accept(Map.of("event.topics", "some/topic", "tract", "observe", "event", "observed"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
    }

    @Test
    void aChangedSubscriptionHoldsFromTheNextEventOn() throws Exception {
        withRegistrar();
        Consumer<Map<String, Object>> handler =
                runtime.probe().register(Map.of("name", "mover", "tract", "observe", "event", "observed"));
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);

        handler.accept(Map.of("tract", "observe", "event", "transferred"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();
        assertThat(runtime.probe().dispatch(TRANSFERRED)).isEqualTo(1);
        assertThat(runtime.calls())
                .containsExactly("mover callosum/observe/observed", "mover callosum/observe/transferred");
    }

    @Test
    void aMalformedRegistrationThatIsMendedIsCalled() throws Exception {
        withRegistrar();
        Consumer<Map<String, Object>> handler = runtime.probe().register(Map.of("name", "mended", "tract", "observe"));
        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();

        handler.accept(Map.of("tract", "observe", "event", "observed"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.probe().handlers()).extracting("state").containsExactly("ACTIVE");
    }

    @Test
    void aRegistrationThatIsSpoiltIsCalledNoMore() throws Exception {
        withRegistrar();
        Consumer<Map<String, Object>> handler =
                runtime.probe().register(Map.of("name", "spoilt", "tract", "observe", "event", "observed"));
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);

        handler.accept(Map.of("tract", "observe", "event", 42));

        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();
        assertThat(runtime.awaitLog("WARN")).contains("'event'", "is a java.lang.Integer");
    }

    @Test
    void aHandlerThatIsUnregisteredIsCalledNoMore() throws Exception {
        withRegistrar();
        Consumer<Map<String, Object>> handler =
                runtime.probe().register(Map.of("name", "gone", "tract", "observe", "event", "observed"));

        handler.accept(null);

        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();
        assertThat(runtime.probe().handlers()).isEmpty();
    }

    @Test
    void aComponentIsCalledForWhatItsAnnotatedFilterTakes() throws Exception {
        runtime.install(TestBundle.app("filtered"));

        assertThat(runtime.probe().dispatch(observed(2, "[\"door\"]", "null"))).isZero();
        assertThat(runtime.probe().dispatch(observed(3, "[\"door\"]", "null"))).isEqualTo(1);
        assertThat(runtime.probe().dispatch(observed(4, "[\"window\"]", "null")))
                .isZero();
        assertThat(runtime.probe().dispatch(observed(5, "[\"window\",\"door\"]", "null")))
                .isEqualTo(1);
        assertThat(runtime.probe().dispatch(observed(6, "\"door\"", "\"idle\"")))
                .isZero();

        assertThat(runtime.calls()).containsExactly("filtered 3", "filtered 5");
        assertThat(runtime.probe().handlers()).singleElement().satisfies(handler -> assertThat(handler)
                .containsEntry("filter", "(&(n>=3)(tags=door)(!(state=*)))")
                .containsEntry("timeout", Optional.of(Duration.ofSeconds(5)))
                .containsEntry("invoked", 2L));
    }

    @Test
    void aPlainHandlerHasItsFilterAsAProperty() throws Exception {
        withRegistrar();
        Consumer<Map<String, Object>> handler = runtime.probe()
                .register(Map.of("name", "picky", "tract", "observe", "event", "*", "event.filter", "(day=2026*)"));
        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);

        handler.accept(Map.of("tract", "observe", "event", "*", "event.filter", "(day=2025*)"));

        assertThat(runtime.probe().dispatch(OBSERVED))
                .as("from the next event on")
                .isZero();
    }

    static Stream<Arguments> malformedOptions() {
        return Stream.of(
                arguments("event.filter", "(day=2026", "is '(day=2026', which is no filter", "give a filter"),
                arguments("event.filter", List.of("(day=*)"), "is a java.util.", "give a filter"),
                arguments("timeout", "5s", "is '5s', which is no time", "give a duration"),
                arguments("timeout", 0, "is '0', which is out of range: 1 ms to 1 h", "give a duration"));
    }

    @ParameterizedTest
    @MethodSource("malformedOptions")
    void aHandlerWithAMalformedFilterOrTimeLimitIsReportedAndNotCalledUntilThatIsMended(
            String property, Object value, String problem, String remedy) throws Exception {
        Bundle registrar = withRegistrar();
        Consumer<Map<String, Object>> handler = runtime.probe()
                .register(Map.of("name", "mended", "tract", "observe", "event", "observed", property, value));

        assertThat(runtime.awaitLog("WARN"))
                .contains("'" + property + "'", registrar.getSymbolicName() + " 1.0.0", problem, remedy)
                .contains("; the handler is ignored [app=registrar handler=")
                .endsWith(" bundle=" + registrar.getSymbolicName() + " bundle_id=" + registrar.getBundleId()
                        + " version=1.0.0]");
        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();
        Map<String, Object> bad = runtime.probe().handlers("registrar").get(0);
        assertThat(bad).containsEntry("state", "BAD");
        assertThat(bad.get("problem").toString()).contains(problem, remedy);

        handler.accept(Map.of("tract", "observe", "event", "observed"));

        assertThat(runtime.probe().dispatch(OBSERVED)).isEqualTo(1);
        assertThat(runtime.probe().handlers()).extracting("state").containsExactly("ACTIVE");
    }

    private static String observed(int n, String tags, String state) {
        return "{\"tract\":\"observe\",\"event\":\"observed\",\"n\":" + n + ",\"tags\":" + tags + ",\"state\":" + state
                + "}";
    }

    private static Bundle withRegistrar() throws Exception {
        return runtime.install(TestBundle.app("registrar"));
    }

    private void registerAnotherMalformed() {
        runtime.probe().register(Map.of("tract", "the next", "event", new int[0]));
    }

    /** Nothing came when a later thing comes first. */
    private static boolean nothingIsWarnedOfBefore(Runnable later) throws InterruptedException {
        later.run();
        return runtime.awaitLog("WARN").contains("is a int[]");
    }

    private static String event(String tract, String event) {
        return "{\"tract\":\"" + tract + "\",\"event\":\"" + event + "\"}";
    }
}
