// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.nio.file.Path;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A path as people type it, and scripts: from a variable of theirs that is not set comes an empty one, which is the working folder. */
public final class PathWord implements ITypeConverter<Path> {
    @Override
    public Path convert(String word) {
        if (word.isEmpty()) {
            throw new TypeConversionException("it is empty; '.' is the working folder");
        }
        return Path.of(word);
    }
}
