// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.nio.file.Path;
import java.util.List;

import org.osgi.framework.BundleContext;

/** The journal: the folder that everything of a solstone is kept in. Immutable. */
public final class Journal {
    /** The framework property that names the journal. */
    public static final String PROPERTY = "callosum.journal";

    /** The environment variable that names the journal where the property does not. */
    public static final String VARIABLE = "SOLSTONE_JOURNAL";

    private final Path root;

    /** The journal in this folder, which need not exist. */
    public Journal(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /**
     * The journal of this runtime: the framework property {@value #PROPERTY}, else the environment variable
     * {@value #VARIABLE}, else {@code journal} under the working folder.
     */
    public static Journal of(BundleContext context) {
        String place = context.getProperty(PROPERTY);
        if (place == null || place.isEmpty()) {
            place = System.getenv(VARIABLE);
        }
        return new Journal(Path.of(place == null || place.isEmpty() ? "journal" : place));
    }

    /** Its folder, absolute. */
    public Path root() {
        return root;
    }

    /**
     * A folder below the root, which need not exist. Nothing is read here.
     *
     * @param name the name of the first folder
     * @param more the names of the folders below it
     * @throws IllegalArgumentException if one of them is not a single name ({@link JournalFolder#isName})
     */
    public JournalFolder folder(String name, String... more) {
        JournalFolder folder = new JournalFolder(root, List.of()).folder(name);
        for (String next : more) {
            folder = folder.folder(next);
        }
        return folder;
    }
}
