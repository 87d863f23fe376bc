// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.api.Printable;
import org.callosum.core.AbsentComponent;
import org.callosum.core.HandlerStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.shell.Table.Column;

import static org.callosum.shell.HandlersView.bundle;
import static org.callosum.shell.HandlersView.name;

/** Apps with their handlers' numbers, those that have none or do not run included. */
final class AppsView {
    private static final int MAX_WHY = 500;

    private AppsView() {}

    /**
     * A bundle that is an app, or might be one.
     *
     * @param id its id
     * @param symbolicName its symbolic name
     * @param version its version
     * @param app its app's name
     * @param isDeclared whether its manifest says that it is an app; if not, it is one only by its handlers
     * @param state how it stands: {@code active}, {@code resolved}, …
     */
    record AppBundle(long id, String symbolicName, String version, String app, boolean isDeclared, String state) {
        /** Whether it runs, or will with its first use. */
        boolean isStarted() {
            return state.equals("active") || state.equals("starting");
        }
    }

    /**
     * An app's bundle with all that is known of it.
     *
     * @param bundle the bundle
     * @param handlers its handlers, parked ones included
     * @param parked what is parked for it
     * @param missing its components that are not there
     */
    record App(
            AppBundle bundle, List<HandlerStatus> handlers, List<ParkedStatus> parked, List<AbsentComponent> missing) {
        long invoked() {
            return handlers.stream().mapToLong(HandlerStatus::invoked).sum();
        }

        long failed() {
            return handlers.stream().mapToLong(HandlerStatus::failed).sum();
        }

        long timedOut() {
            return handlers.stream().mapToLong(HandlerStatus::timedOut).sum();
        }

        double perSecond() {
            return handlers.stream().mapToDouble(HandlerStatus::perSecond).sum();
        }

        /** Handlers that are not called, and components that are not there. */
        long notWell() {
            return handlers.stream()
                            .filter(handler -> handler.state() != HandlerStatus.State.ACTIVE)
                            .count()
                    + missing.size();
        }

        long parkedEvents() {
            return parked.stream().mapToLong(ParkedStatus::events).sum();
        }
    }

    /** The bundles that are apps, because they say so, or have a handler or a component that would be one. */
    static List<App> apps(
            List<AppBundle> bundles,
            List<HandlerStatus> handlers,
            List<ParkedStatus> parked,
            List<AbsentComponent> missing) {
        Map<Long, List<HandlerStatus>> handlersOf =
                handlers.stream().collect(Collectors.groupingBy(HandlerStatus::bundleId));
        Map<Long, List<ParkedStatus>> parkedOf = parked.stream().collect(Collectors.groupingBy(ParkedStatus::bundleId));
        Map<Long, List<AbsentComponent>> missingOf =
                missing.stream().collect(Collectors.groupingBy(AbsentComponent::bundleId));
        return bundles.stream()
                .filter(bundle -> bundle.isDeclared()
                        || handlersOf.containsKey(bundle.id())
                        || missingOf.containsKey(bundle.id()))
                .sorted(Comparator.comparing(AppBundle::app).thenComparing(AppBundle::id))
                .map(bundle -> new App(
                        bundle,
                        handlersOf.getOrDefault(bundle.id(), List.of()),
                        parkedOf.getOrDefault(bundle.id(), List.of()),
                        missingOf.getOrDefault(bundle.id(), List.of())))
                .toList();
    }

    static String text(List<App> apps, Screen screen) {
        if (apps.isEmpty()) {
            return "No apps: no bundle has the header Callosum-App, an import of org.callosum.api, or a handler.\n";
        }
        Table table = new Table(
                Column.text("APP"),
                Column.word("STATE"),
                Column.number("HANDLERS"),
                Column.number("NOT WELL"),
                Column.number("INVOKED"),
                Column.number("FAILED").lesser(),
                Column.number("TIMED OUT").lesser(),
                Column.number("RATE").lesser(),
                Column.number("PARKED").lesser(),
                Column.text("BUNDLE").lesser());
        for (App app : apps) {
            table.row(
                    name(app.bundle().app()),
                    (app.bundle().isStarted() ? Urgency.NONE : Urgency.WARNING)
                            .cell(app.bundle().state()),
                    app.handlers().size(),
                    (app.notWell() > 0 ? Urgency.ALARM : Urgency.NONE).cell(app.notWell()),
                    app.invoked(),
                    (app.failed() > 0 ? Urgency.WARNING : Urgency.NONE).cell(app.failed()),
                    (app.timedOut() > 0 ? Urgency.WARNING : Urgency.NONE).cell(app.timedOut()),
                    Amounts.rate(app.perSecond()),
                    app.parkedEvents(),
                    bundle(
                            app.bundle().id(),
                            app.bundle().symbolicName(),
                            app.bundle().version()));
        }
        return table.text(screen);
    }

    /** One app, which may be of several bundles: with its handlers, what they lack, and what is parked. */
    static String detail(List<App> bundles, Screen screen) {
        List<HandlerStatus> handlers = flat(bundles.stream().map(App::handlers));
        List<ParkedStatus> parked = flat(bundles.stream().map(App::parked));
        List<AbsentComponent> missing = flat(bundles.stream().map(App::missing));
        Table table = new Table(Column.word(""), Column.sentence(""));
        bundles.forEach(app -> table.row(
                "Bundle",
                bundle(
                        app.bundle().id(),
                        app.bundle().symbolicName(),
                        app.bundle().version())));
        return table.text(screen) + "\n" + text(bundles, screen)
                + (missing.isEmpty() ? "" : "\n" + missing(missing, screen))
                + (handlers.isEmpty() ? "" : "\n" + HandlersView.text(handlers, screen))
                + (parked.isEmpty() ? "" : "\n" + ParkedView.text(parked, List.of(), screen));
    }

    private static String missing(List<AbsentComponent> missing, Screen screen) {
        Table table = new Table(Column.text("MISSING COMPONENT"), Column.sentence("WHY"));
        for (AbsentComponent each : missing) {
            table.row(Urgency.ALARM.cell(name(each.name())), Printable.of(each.reason(), MAX_WHY));
        }
        return table.text(screen);
    }

    private static <T> List<T> flat(Stream<List<T>> lists) {
        return lists.flatMap(List::stream).toList();
    }

    /** Each for scripts; with its handlers and all, if they are wanted. */
    static List<Map<String, Object>> json(List<App> apps, boolean withHandlers) {
        return apps.stream().map(app -> json(app, withHandlers)).toList();
    }

    private static Map<String, Object> json(App app, boolean withHandlers) {
        Map<String, Object> json = Fields.of(
                "app", app.bundle().app(),
                "bundleId", app.bundle().id(),
                "bundle", app.bundle().symbolicName(),
                "version", app.bundle().version(),
                "state", app.bundle().state(),
                "handlerCount", app.handlers().size(),
                "notWell", app.notWell(),
                "invoked", app.invoked(),
                "failed", app.failed(),
                "timedOut", app.timedOut(),
                "perSecond", app.perSecond(),
                "parkedEvents", app.parkedEvents());
        if (withHandlers) {
            json.put("handlers", HandlersView.json(app.handlers()));
            json.put("parked", ParkedView.json(app.parked()));
            json.put(
                    "missingComponents",
                    app.missing().stream()
                            .map(each -> Fields.of("component", each.name(), "why", each.reason()))
                            .toList());
        }
        return json;
    }
}
