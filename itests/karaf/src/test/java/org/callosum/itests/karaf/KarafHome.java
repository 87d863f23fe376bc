// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A stock Karaf, unpacked. Of its settings only the ports differ, and the repositories, which are the build's.
 *
 * @param folder where it is
 * @param journal of the runtime in it
 */
record KarafHome(Path folder, Path journal) {
    /** Unpacks it into an empty folder. */
    static KarafHome unpack(Path folder) throws IOException, InterruptedException {
        Process unpack = new ProcessBuilder(
                        "tar",
                        "xzf",
                        KarafDistribution.archive().toString(),
                        "-C",
                        folder.toString(),
                        "--strip-components=1")
                .inheritIO()
                .start();
        assertThat(unpack.waitFor()).as("exit status of tar").isZero();
        Path etc = folder.resolve("etc");
        set(etc.resolve("org.apache.karaf.shell.cfg"), "sshPort", "0");
        // Its registry takes no 0: it would tell of that with a stack trace on the terminal.
        set(etc.resolve("org.apache.karaf.management.cfg"), "rmiRegistryPort", freePort());
        set(etc.resolve("org.apache.karaf.management.cfg"), "rmiServerPort", "0");
        set(
                etc.resolve("org.ops4j.pax.url.mvn.cfg"),
                "org.ops4j.pax.url.mvn.defaultRepositories",
                KarafDistribution.repositories());
        set(etc.resolve("org.ops4j.pax.url.mvn.cfg"), "org.ops4j.pax.url.mvn.repositories", "");
        return new KarafHome(folder, Files.createTempDirectory("callosum-karaf")); // short: a socket's path has to be
    }

    /** Its start script. */
    Path script() {
        return folder.resolve("bin").resolve("karaf");
    }

    /** The bus's socket. */
    Path socket() {
        return journal.resolve("health").resolve("callosum.sock");
    }

    /** Starts the command that runs the script. */
    Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("EXTRA_JAVA_OPTS", "-D" + KarafDistribution.JOURNAL + "=" + journal);
        builder.environment().remove("SOLSTONE_JOURNAL");
        return builder.start();
    }

    private static String freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return String.valueOf(any.getLocalPort());
        }
    }

    /** Sets a property that the file has, on one line or on several. */
    private static void set(Path file, String name, String value) throws IOException {
        String text = Files.readString(file);
        String replaced = text.replaceFirst(
                "(?m)^" + name.replace(".", "\\.") + " *=(.*\\\\\\n)*.*$",
                name + " = " + value.replace("\\", "\\\\").replace("$", "\\$"));
        if (replaced.equals(text)) {
            throw new IllegalStateException(
                    "'" + file + "' has no property '" + name + "': look what Karaf calls it now");
        }
        Files.writeString(file, replaced);
    }
}
