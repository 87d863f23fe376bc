// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.callosum.api.Json;
import org.callosum.api.Printable;
import org.callosum.core.HealthStatus;
import org.callosum.shell.Table.Column;

/** What the health checks found. */
final class HealthView {
    private static final int MAX_TEXT = 500;

    private HealthView() {}

    static String text(List<HealthStatus> checks) {
        Table table = new Table(Column.text("CHECK"), Column.text("STATE"), Column.text("FOUND"));
        checks.forEach(check -> table.row(
                check.check(), check.state().name().toLowerCase(Locale.ROOT), Printable.of(check.text(), MAX_TEXT)));
        return table.toString();
    }

    /** A list on one line, with an object for each check. */
    static String json(List<HealthStatus> checks) {
        return Printable.of(Json.write(checks.stream().map(HealthView::fields).toList())) + "\n";
    }

    private static Map<String, String> fields(HealthStatus check) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("check", check.check());
        fields.put("state", check.state().name().toLowerCase(Locale.ROOT));
        fields.put("text", check.text());
        return fields;
    }
}
