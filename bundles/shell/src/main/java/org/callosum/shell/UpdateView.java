// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.callosum.api.Printable;
import org.callosum.shell.Table.Column;
import org.callosum.update.BundleVersion;
import org.callosum.update.Dependent;
import org.callosum.update.Leftover;
import org.callosum.update.Leftover.Holder;
import org.callosum.update.UpdatePlan;
import org.callosum.update.UpdateReport;
import org.callosum.update.UpdateReport.Parked;
import org.callosum.update.UpdateReport.Search;

import static org.callosum.shell.HandlersView.name;

/** What a change of an app would do, and what it came to. */
final class UpdateView {
    private static final int MAX_REASON = 200;
    private static final int MAX_SENTENCE = 1_000;

    private UpdateView() {}

    static String text(UpdatePlan plan) {
        Table table = table();
        table.row("App", name(plan.before().app()));
        table.row(
                "Bundle",
                plan.after()
                        .map(after -> bundle(plan.before()) + " would become " + name(after))
                        .orElseGet(() -> bundle(plan.before()) + " would be removed"));
        plan.unmet().forEach(each -> table.row("Refused", sentence(each)));
        addDependents(table, "Would refresh", plan.refreshed());
        return table.toString();
    }

    static String text(UpdateReport report) {
        Table table = table();
        table.row("App", name(report.after().or(report::before).orElseThrow().app()));
        table.row("Bundle", change(report));
        table.row("Took", Amounts.duration(report.took()));
        report.problems().forEach(each -> table.row("Problem", sentence(each)));
        if (report.before().isPresent()) {
            addParked(table, report);
        }
        addDependents(table, "Refreshed", report.refreshed());
        report.leftovers().forEach(each -> addLeftover(table, each, report.search()));
        if (report.leftovers().stream().anyMatch(each -> !each.isCollected())) {
            report.search().hidden().ifPresent(hidden -> table.row("Not seen", hidden));
        }
        return table.toString();
    }

    private static Table table() {
        return new Table(Column.text(""), Column.text(""));
    }

    private static String change(UpdateReport report) {
        if (report.after().isEmpty()) {
            return bundle(report.before().orElseThrow()) + " is removed";
        }
        BundleVersion after = report.after().get();
        String state = report.runs() ? ", running" : ", not running";
        return report.before()
                .map(before -> bundle(before) + " is now " + name(after.version()) + state)
                .orElseGet(() -> bundle(after) + " is installed" + state);
    }

    private static void addParked(Table table, UpdateReport report) {
        if (report.parked().isEmpty()) {
            table.row("Parked", "nothing: no handler was away");
        }
        long own = report.before().orElseThrow().id();
        for (Parked each : report.parked()) {
            String whose = each.bundleId() == own ? "" : name(each.app()) + ": ";
            table.row(
                    "Parked",
                    whose + each.parked() + (each.parked() == 1 ? " event" : " events") + " in "
                            + Amounts.duration(each.away()) + " away, " + each.handedOver() + " handed over, "
                            + each.givenUp() + " given up" + (each.isOver() ? "" : " so far: see 'status'"));
        }
    }

    private static void addDependents(Table table, String label, List<Dependent> dependents) {
        if (dependents.isEmpty()) {
            table.row(label, "no other bundle");
        }
        for (Dependent each : dependents) {
            table.row(label, bundle(each.bundle()) + ": " + Printable.of(each.reason(), MAX_REASON));
        }
    }

    private static void addLeftover(Table table, Leftover leftover, Search search) {
        String label = "Left of";
        String version = Printable.of(leftover.bundle().label(), MAX_REASON);
        if (leftover.isCollected()) {
            table.row(label, version + ": nothing, its class loader is collected");
            return;
        }
        String after = " after " + search.collections() + " collections in " + Amounts.duration(search.waited());
        if (leftover.holders().isEmpty()) {
            table.row(
                    label,
                    version + ": its class loader is not collected" + after + ", and no thread was found that holds it:"
                            + " a heap dump tells what does (jcmd "
                            + ProcessHandle.current().pid() + " GC.heap_dump app.hprof)");
            return;
        }
        table.row(label, version + ": its class loader is not collected" + after + ", held by");
        leftover.holders().forEach(holder -> table.row("", holder(holder)));
    }

    private static String holder(Holder holder) {
        String thread = "thread " + Printable.quoted(holder.thread());
        String what =
                switch (holder.kind()) {
                    case THREAD -> thread + ", which it left running: ";
                    case HUNG_HANDLER -> thread + ", a worker that a handler hangs on: ";
                    case CONTEXT_CLASS_LOADER, THREAD_LOCAL -> thread + ": ";
                };
        return what + Printable.of(holder.how(), MAX_SENTENCE) + (isRunning(holder) ? at(holder) : "");
    }

    private static boolean isRunning(Holder holder) {
        return holder.kind() == Leftover.Kind.THREAD || holder.kind() == Leftover.Kind.HUNG_HANDLER;
    }

    private static String at(Holder holder) {
        return holder.topFrame()
                .map(frame -> "; now at " + Printable.of(frame, MAX_REASON))
                .orElse("");
    }

    private static String bundle(BundleVersion bundle) {
        return HandlersView.bundle(bundle.id(), bundle.symbolicName(), bundle.version());
    }

    private static String sentence(String sentence) {
        return Printable.of(sentence, MAX_SENTENCE);
    }
}
