// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.log;

import java.io.Closeable;
import java.io.IOException;

/** A place that log lines are written to, by one thread at a time. */
interface LineOutput extends Closeable {
    /** Writes a line, or several that belong together, and its end; it can be read at once. */
    void write(String line) throws IOException;
}
