// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.callosum.core.HandlerStatus;
import org.callosum.shell.Table.Column;

import static org.callosum.shell.HandlersView.bundle;
import static org.callosum.shell.HandlersView.name;

/** All apps with their handlers' numbers, those that have none or do not run included. */
final class AppsView {
    private AppsView() {}

    /**
     * A bundle that is an app, or might be one.
     *
     * @param id its id
     * @param symbolicName its symbolic name
     * @param version its version
     * @param app its app's name
     * @param isDeclared whether it says itself that it is an app; if not, it is one only by its handlers
     * @param state how it stands: {@code active}, {@code resolved}, …
     */
    record AppBundle(long id, String symbolicName, String version, String app, boolean isDeclared, String state) {}

    static String text(List<AppBundle> bundles, List<HandlerStatus> handlers) {
        Map<Long, List<HandlerStatus>> handlersOf =
                handlers.stream().collect(Collectors.groupingBy(HandlerStatus::bundleId));
        List<AppBundle> apps = bundles.stream()
                .filter(bundle -> bundle.isDeclared() || handlersOf.containsKey(bundle.id()))
                .sorted(Comparator.comparing(AppBundle::app).thenComparing(AppBundle::id))
                .toList();
        if (apps.isEmpty()) {
            return "No apps: no bundle has a Callosum-App header or a handler.\n";
        }
        Table table = new Table(
                Column.text("APP"),
                Column.text("BUNDLE"),
                Column.text("STATE"),
                Column.number("HANDLERS"),
                Column.number("NOT WELL"),
                Column.number("INVOKED"),
                Column.number("FAILED"),
                Column.number("TIMED OUT"));
        for (AppBundle app : apps) {
            addRow(table, app, handlersOf.getOrDefault(app.id(), new ArrayList<>()));
        }
        return table.toString();
    }

    private static void addRow(Table table, AppBundle app, List<HandlerStatus> handlers) {
        table.row(
                name(app.app()),
                bundle(app.id(), app.symbolicName(), app.version()),
                app.state(),
                handlers.size(),
                handlers.stream()
                        .filter(handler -> handler.state() != HandlerStatus.State.ACTIVE)
                        .count(),
                handlers.stream().mapToLong(HandlerStatus::invoked).sum(),
                handlers.stream().mapToLong(HandlerStatus::failed).sum(),
                handlers.stream().mapToLong(HandlerStatus::timedOut).sum());
    }
}
