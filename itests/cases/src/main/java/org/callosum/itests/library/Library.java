// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.library;

/** The class that a test's library exports, or not. */
public final class Library {
    private Library() {}

    /** Does nothing: it has to be there, that is all. */
    public static void use() {}
}
