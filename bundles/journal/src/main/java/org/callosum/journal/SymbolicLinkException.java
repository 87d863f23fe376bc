// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** Says that a name below the journal's root is a symbolic link, and that it was not followed. */
public final class SymbolicLinkException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    SymbolicLinkException(Path link) {
        super(link.toString(), null, "is a symbolic link: none is followed below the journal's root");
    }
}
