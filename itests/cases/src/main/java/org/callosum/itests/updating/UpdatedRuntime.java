// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updating;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.callosum.itests.cases.AppJar;

/** A runtime in a process of its own, and how its operator installs and updates apps. A test says it. */
public interface UpdatedRuntime {
    /** The bus's socket. */
    Path socket();

    /** The process. */
    long pid();

    /** The lines of its log so far. */
    List<String> log() throws IOException;

    /** Installs an app and has it started. */
    void install(AppJar app) throws IOException;

    /** Puts another version in its place. Need not wait until it runs. */
    void update(AppJar app) throws IOException;
}
