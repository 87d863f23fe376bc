// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.Map;

import org.callosum.core.ParkedStatus;
import org.callosum.shell.Table.Column;

import static org.callosum.shell.HandlersView.name;

/** What is parked for apps that are away or in quarantine, and what was. */
final class ParkedView {
    private ParkedView() {}

    static String text(List<ParkedStatus> parked, List<ParkedStatus> before, Screen screen) {
        return (parked.isEmpty() ? "Nothing is parked.\n" : table("PARKED APP", parked, screen))
                + (before.isEmpty() ? "" : "\n" + table("PARKED BEFORE", before, screen));
    }

    private static String table(String title, List<ParkedStatus> apps, Screen screen) {
        Table table = new Table(
                Column.text(title),
                Column.word("STATE"),
                Column.number("EVENTS"),
                Column.number("SIZE"),
                Column.number("LEFT AGO"),
                Column.number("AWAY"),
                Column.number("PARKED").lesser(),
                Column.number("HANDED OVER").lesser(),
                Column.number("GIVEN UP"),
                Column.text("BUNDLE").lesser());
        for (ParkedStatus app : apps) {
            table.row(
                    name(app.app()),
                    urgency(app).cell(state(app)),
                    app.events(),
                    Amounts.size(app.bytes()),
                    Amounts.duration(app.since()),
                    Amounts.duration(app.away()),
                    app.parked(),
                    app.handedOver(),
                    (app.givenUp() > 0 ? Urgency.ALARM : Urgency.NONE).cell(app.givenUp()),
                    name(app.bundle()));
        }
        return table.text(screen);
    }

    /** Those that are away, and those that were. */
    static Map<String, Object> json(List<ParkedStatus> parked, List<ParkedStatus> before) {
        return Fields.of("parked", json(parked), "before", json(before));
    }

    /** Each for scripts. */
    static List<Map<String, Object>> json(List<ParkedStatus> apps) {
        return apps.stream()
                .map(app -> Fields.of(
                        "app", app.app(),
                        "bundleId", app.bundleId(),
                        "bundle", app.bundle(),
                        "state", state(app),
                        "leftAgoNanos", app.since().toNanos(),
                        "awayNanos", app.away().toNanos(),
                        "events", app.events(),
                        "bytes", app.bytes(),
                        "parked", app.parked(),
                        "handedOver", app.handedOver(),
                        "givenUp", app.givenUp()))
                .toList();
    }

    static String state(ParkedStatus app) {
        return Words.of(app.state());
    }

    private static Urgency urgency(ParkedStatus app) {
        return switch (app.state()) {
            case QUARANTINED -> Urgency.ALARM;
            case AWAY -> Urgency.WARNING;
            case BACK, DONE -> Urgency.NONE;
        };
    }
}
