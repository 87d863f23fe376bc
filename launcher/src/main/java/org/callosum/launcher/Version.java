// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import picocli.CommandLine.IVersionProvider;

/** The distribution's version and the Java that runs it. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "callosum " + (version == null ? "(not packaged)" : version),
            "Java " + java.lang.Runtime.version() + ", " + System.getProperty("java.vm.name")
        };
    }
}
