// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updating;

import java.util.Locale;

import org.callosum.itests.traffic.Latency;
import org.callosum.itests.traffic.Tally;

/**
 * What a run of updates has shown. Immutable.
 *
 * @param updates how many updates there were
 * @param seconds how long they took
 * @param perSecond how many events a second were sent
 * @param events how many events were sent in all
 * @param app what the updated app made of them
 * @param neighbour what its neighbour made of them
 * @param baseline the neighbour's latency without updates; that with updates is in its tally
 * @param parked what the log says of parked events
 * @param before what the process held before the first update
 * @param after what it held after the last
 */
public record UpdateReport(
        int updates,
        double seconds,
        int perSecond,
        long events,
        Tally app,
        Tally neighbour,
        Latency baseline,
        ParkedLines parked,
        Footprint before,
        Footprint after) {
    /** The class loaders of the app that are left beside the one that it has. */
    public long leftLoaders() {
        return after.loaders() - before.loaders();
    }

    /** As a table of two columns. */
    public String table() {
        StringBuilder table = new StringBuilder();
        row(table, "updates", "%d in %.1f s", updates, seconds);
        row(table, "events", "%d at %d a second", events, perSecond);
        row(table, "app: lost, doubled, reordered", "%s, %s, %s", app.lost(), app.doubled(), app.reordered());
        row(
                table,
                "neighbour: lost, doubled, reordered",
                "%s, %s, %s",
                neighbour.lost(),
                neighbour.doubled(),
                neighbour.reordered());
        row(table, "neighbour without updates", "%s", baseline);
        row(table, "neighbour with updates", "%s", neighbour.latency());
        row(table, "app with updates", "%s", app.latency());
        row(
                table,
                "parked, handed over, given up",
                "%d, %d, %d; %.3f s at most",
                parked.parked(),
                parked.handedOver(),
                parked.givenUp(),
                parked.longestSeconds());
        row(table, "class loaders left", "%d", leftLoaders());
        row(table, "threads before, after", "%d, %d", before.threads(), after.threads());
        row(table, "open files before, after", "%d, %d", before.files(), after.files());
        return table.toString();
    }

    private static void row(StringBuilder table, String name, String format, Object... values) {
        table.append(String.format(Locale.ROOT, "%-36s %s%n", name, String.format(Locale.ROOT, format, values)));
    }
}
