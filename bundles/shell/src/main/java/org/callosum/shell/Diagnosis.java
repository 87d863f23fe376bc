// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

import org.callosum.api.Printable;

/** A text of sections for a bug report. A section that cannot be made says why, and costs the others nothing. */
final class Diagnosis {
    private static final int MAX_FAILURE = 500;

    private final Map<String, Callable<String>> sections = new LinkedHashMap<>();

    /** Adds a section. */
    Diagnosis section(String title, Callable<String> text) {
        sections.put(title, text);
        return this;
    }

    /** The whole text, without what looks like a secret, and with nothing that a terminal would obey. */
    String text() {
        StringBuilder text = new StringBuilder();
        sections.forEach((title, section) -> {
            String its;
            try {
                its = section.call();
            } catch (Exception | LinkageError e) {
                its = "not to be had: " + Printable.of(e.toString(), MAX_FAILURE) + "\n";
            }
            text.append("== " + title + " ==\n\n").append(its);
            text.append(its.endsWith("\n") ? "\n" : "\n\n");
        });
        return Secrets.text(Printable.lines(text.toString()));
    }
}
