// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * Tells a file from what it was before: as long as the stamp is equal, what was read from it still counts. Only a file that
 * keeps its length and its place, and is written twice within one tick of the file system's clock (a few milliseconds),
 * looks as if it had been written once.
 *
 * @param modified when it was last written
 * @param size its length in bytes
 * @param key its identity in the file system, {@code null} where that has none
 */
public record FileStamp(FileTime modified, long size, Object key) {
    /**
     * The stamp of what is at this path now.
     *
     * @throws java.nio.file.NoSuchFileException if nothing is
     */
    public static FileStamp of(Path path, LinkOption... options) throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class, options);
        return new FileStamp(now.lastModifiedTime(), now.size(), now.fileKey());
    }
}
