// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

/** What the commands end with. */
final class ExitStatus {
    /** What was asked for is done, and proven where that was promised. */
    static final int DONE = 0;

    /** It is not done, or nobody knows whether it is. */
    static final int FAILED = 1;

    /** It was asked for wrongly. The number is picocli's. */
    static final int USAGE = 2;

    private ExitStatus() {}
}
