// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import org.callosum.shell.Table.Column;
import org.osgi.framework.Bundle;

/** What a runtime runs on: the Java machine, the system, the bundles, and all threads. */
final class Machine {
    private static final List<String> PROPERTIES = List.of(
            "java.vm.name",
            "java.vm.version",
            "java.vm.vendor",
            "java.version",
            "java.home",
            "os.name",
            "os.version",
            "os.arch",
            "file.encoding",
            "user.timezone");

    private Machine() {}

    static String versions(Bundle[] bundles) {
        Table table = new Table(Column.text(""), Column.text(""));
        for (String property : PROPERTIES) {
            table.row(property, String.valueOf(System.getProperty(property)));
        }
        Runtime runtime = Runtime.getRuntime();
        table.row("processors", runtime.availableProcessors());
        table.row(
                "heap",
                Amounts.size(runtime.totalMemory() - runtime.freeMemory()) + " used, "
                        + Amounts.size(runtime.maxMemory()) + " at most");
        ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .ifPresent((Duration cpu) -> table.row("processor time", Amounts.duration(cpu)));
        Table all = new Table(Column.number("ID"), Column.text("BUNDLE"), Column.text("VERSION"), Column.text("STATE"));
        for (Bundle bundle : bundles) {
            all.row(
                    bundle.getBundleId(),
                    String.valueOf(bundle.getSymbolicName()),
                    bundle.getVersion(),
                    state(bundle.getState()));
        }
        return table + "\n" + all;
    }

    private static String state(int state) {
        return switch (state) {
            case Bundle.INSTALLED -> "installed";
            case Bundle.RESOLVED -> "resolved";
            case Bundle.STARTING -> "starting";
            case Bundle.ACTIVE -> "active";
            case Bundle.STOPPING -> "stopping";
            default -> "uninstalled";
        };
    }

    /** Each thread with its whole stack. */
    static String threads() {
        StringBuilder text = new StringBuilder();
        Thread.getAllStackTraces().entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<Thread, StackTraceElement[]> each) ->
                        each.getKey().getName()))
                .forEach(each -> {
                    Thread thread = each.getKey();
                    text.append("'" + thread.getName() + "' "
                            + Words.key(thread.getState())
                            + (thread.isDaemon() ? ", daemon" : "") + "\n");
                    Arrays.stream(each.getValue()).forEach(frame -> text.append("    at " + frame + "\n"));
                });
        return text.toString();
    }
}
