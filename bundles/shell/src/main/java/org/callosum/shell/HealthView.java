// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.Map;

import org.callosum.api.Printable;
import org.callosum.core.HealthStatus;
import org.callosum.shell.Table.Column;

/** What the health checks found. */
final class HealthView {
    private static final int MAX_TEXT = 500;

    private HealthView() {}

    static String text(List<HealthStatus> checks, Screen screen) {
        Table table = new Table(Column.word("CHECK"), Column.word("STATE"), Column.sentence("FOUND"));
        checks.forEach(check -> table.row(
                check.check(), urgency(check).cell(Words.of(check.state())), Printable.of(check.text(), MAX_TEXT)));
        return table.text(screen);
    }

    private static Urgency urgency(HealthStatus check) {
        return switch (check.state()) {
            case OK -> Urgency.NONE;
            case WARN -> Urgency.WARNING;
            case CRITICAL -> Urgency.ALARM;
        };
    }

    /** Each for scripts. */
    static List<Map<String, Object>> json(List<HealthStatus> checks) {
        return checks.stream()
                .map(check -> Fields.of(
                        "check", check.check(),
                        "state", Words.key(check.state()),
                        "text", check.text()))
                .toList();
    }
}
