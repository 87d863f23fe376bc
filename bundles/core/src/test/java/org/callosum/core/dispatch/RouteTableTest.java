// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.callosum.api.Message;
import org.callosum.core.Subscription;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.callosum.core.Subscription.ANY;

class RouteTableTest {
    @Test
    void groupsAreExactThenTractThenEventThenAll() {
        var all = handler(1, 0, ANY, ANY);
        var ofEvent = handler(2, 0, ANY, "observed");
        var ofTract = handler(3, 0, "observe", ANY);
        var exact = handler(4, 0, "observe", "observed");

        assertThat(new RouteTable(List.of(all, ofEvent, ofTract, exact)).match("observe", "observed"))
                .containsExactly(exact, ofTract, ofEvent, all);
    }

    @Test
    void withinAGroupTheHighestRankingGoesFirstThenTheLowestServiceId() {
        var late = handler(9, 0, "a", "b");
        var early = handler(3, 0, "a", "b");
        var important = handler(7, 5, "a", "b");
        var humble = handler(1, -5, "a", "b");

        assertThat(new RouteTable(List.of(late, early, important, humble)).match("a", "b"))
                .containsExactly(important, early, late, humble);
    }

    @Test
    void aHandlerThatMatchesInSeveralWaysCountsOnceWhereItMatchesFirst() {
        var twice = handler(2, 0, new Subscription("a", "b"), new Subscription(ANY, ANY));
        var first = handler(1, 0, ANY, ANY);

        assertThat(new RouteTable(List.of(twice, first)).match("a", "b")).containsExactly(twice, first);
    }

    @Test
    void aLiteralStarInAMessageMatchesTheWildcardOnce() {
        var all = handler(1, 0, ANY, ANY);
        var ofEvent = handler(2, 0, ANY, "b");

        assertThat(new RouteTable(List.of(all, ofEvent)).match("*", "*")).containsExactly(all);
        assertThat(new RouteTable(List.of(all, ofEvent)).match("*", "b")).containsExactly(ofEvent, all);
    }

    @Test
    void namesAreComparedWholeAndCaseSensitively() {
        var table = new RouteTable(List.of(handler(1, 0, "obs*", "observed"), handler(2, 0, "Observe", "observed")));

        assertThat(table.match("observe", "observed")).isEmpty();
        assertThat(table.match("obs*", "observed")).hasSize(1);
    }

    @Test
    void anEmptyNameMatchesWildcardsOnly() {
        var all = handler(1, 0, ANY, ANY);

        assertThat(new RouteTable(List.of(all, handler(2, 0, "a", "b"))).match("", ""))
                .containsExactly(all);
    }

    @Test
    void ofThoseThatMatchByNameOnlyThoseThatWantTheMessageAreThereInTheSameOrder() {
        var all = handler(1, 0, ANY, ANY);
        var wanting = wanting(2, "a", "b", message -> true);
        var refusing = wanting(3, "a", "b", message -> false);
        var picky = wanting(4, "a", ANY, message -> message.bool("wanted").orElse(false));
        var table = new RouteTable(List.of(all, wanting, refusing, picky));

        assertThat(table.match(Message.of("a", "b", Map.of("wanted", true)))).containsExactly(wanting, picky, all);
        assertThat(table.match(Message.of("a", "b", Map.of("wanted", false)))).containsExactly(wanting, all);
    }

    @Test
    void onlyTheFiltersOfHandlersThatMatchByNameAreAsked() {
        var asked = new ArrayList<Long>();
        List<Handler> handlers = new ArrayList<>(List.of(handler(1, 0, ANY, ANY)));
        for (long id = 2; id <= 4; id++) {
            long number = id;
            handlers.add(wanting(id, "a", "b" + id, message -> asked.add(number)));
        }

        new RouteTable(handlers).match(Message.of("a", "b3", Map.of()));

        assertThat(asked).containsExactly(3L);
    }

    @Test
    void whereNoHandlerHasAFilterNothingIsMadeForAMessage() {
        var table = new RouteTable(List.of(handler(1, 0, "a", "b"), handler(2, 0, "a", "b")));

        assertThat(table.match(Message.of("a", "b", Map.of()))).isSameAs(table.match("a", "b"));
    }

    @Test
    void moreNamesThanAreKeptAtHandAreFoundAlikeAgainAndAgain() {
        List<Handler> handlers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            handlers.add(handler(i, 0, "tract" + i % 40, "event" + i));
        }
        var table = new RouteTable(handlers);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 1_000; i++) {
                assertThat(table.match("tract" + i % 40, "event" + i)).containsExactly(handlers.get(i));
                assertThat(table.match("tract" + i % 40, "event" + (i + 1))).isEmpty();
                assertThat(table.match("x".repeat(300), "event" + i)).isEmpty();
            }
        }
    }

    @Property
    void matchesWhatANaiveSearchFinds(
            @ForAll("handlers") List<Handler> handlers, @ForAll("names") String tract, @ForAll("names") String event) {
        List<Handler> expected = new ArrayList<>();
        List<Predicate<Subscription>> groups = List.of(
                of -> of.tract().equals(tract) && of.event().equals(event),
                of -> of.tract().equals(tract) && of.event().equals(ANY),
                of -> of.tract().equals(ANY) && of.event().equals(event),
                of -> of.tract().equals(ANY) && of.event().equals(ANY));
        for (Predicate<Subscription> group : groups) {
            handlers.stream()
                    .filter(handler ->
                            handler.registration().subscriptions().stream().anyMatch(group))
                    .sorted(Comparator.comparingInt(
                                    (Handler handler) -> -handler.registration().ranking())
                            .thenComparingLong(Handler::serviceId))
                    .filter(handler -> !expected.contains(handler))
                    .forEach(expected::add);
        }

        assertThat(new RouteTable(handlers).match(tract, event)).isEqualTo(expected);
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.of("a", "b", "*", "A", "a*", "");
    }

    @Provide
    Arbitrary<List<Handler>> handlers() {
        Arbitrary<String> nonEmpty = Arbitraries.of("a", "b", "*", "A", "a*");
        Arbitrary<Subscription> subscription =
                Combinators.combine(nonEmpty, nonEmpty).as(Subscription::new);
        return Combinators.combine(
                        subscription.set().ofMinSize(0).ofMaxSize(3),
                        Arbitraries.integers().between(-1, 1))
                .as((subscriptions, ranking) -> new Registration(List.copyOf(subscriptions), ranking, ""))
                .list()
                .ofMaxSize(8)
                .map(registrations -> {
                    List<Handler> handlers = new ArrayList<>();
                    for (Registration registration : registrations) {
                        handlers.add(handler(handlers.size() + 1, registration));
                    }
                    return handlers;
                });
    }

    private static Handler handler(long id, int ranking, String tract, String event) {
        return handler(id, ranking, new Subscription(tract, event));
    }

    private static Handler handler(long id, int ranking, Subscription... subscriptions) {
        return handler(id, new Registration(List.of(subscriptions), ranking, ""));
    }

    private static Handler wanting(long id, String tract, String event, Predicate<Message> test) {
        return handler(
                id,
                new Registration(
                        List.of(new Subscription(tract, event)),
                        Optional.of(new MessageFilter("a test's", test)),
                        Optional.empty(),
                        0,
                        ""));
    }

    private static Handler handler(long id, Registration registration) {
        return new Handler(
                id,
                new Owner("app", 1, "test", "1.0.0"),
                HandlerIdentity.component("Handler" + id),
                "Handler" + id,
                registration,
                null);
    }
}
