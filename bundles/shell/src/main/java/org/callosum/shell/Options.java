// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

/** Options that several commands have. */
final class Options {
    /** Shows a list as JSON. */
    static final String JSON = "--json";

    /** What {@link #JSON} does, for a command's help. */
    static final String JSON_HELP = "print JSON, for scripts: numbers in base units, the unit in the name";

    private Options() {}
}
