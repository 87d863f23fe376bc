// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.nio.file.Path;

/** What differs between the containers that the cases run in. A container's own test says it. */
public interface Container {
    /** The bus's socket. */
    Path socket();

    /** The folder whose jars are installed as apps: {@code apps} in the distribution, {@code deploy} in Karaf. */
    Path appsFolder();
}
