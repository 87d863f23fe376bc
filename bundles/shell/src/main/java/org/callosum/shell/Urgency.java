// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

/** How much something wants to be looked at. */
enum Urgency {
    /** All is well. */
    NONE(""),
    /** Yellow: something is late, or not as it should be. */
    WARNING("33"),
    /** Red: something does not work. */
    ALARM("31");

    private final String colour;

    Urgency(String colour) {
        this.colour = colour;
    }

    /** The terminal's number for its colour. */
    String colour() {
        return colour;
    }

    /** Something as a table's cell that is painted in its colour. */
    Table.Cell cell(Object text) {
        return new Table.Cell(String.valueOf(text), this);
    }
}
