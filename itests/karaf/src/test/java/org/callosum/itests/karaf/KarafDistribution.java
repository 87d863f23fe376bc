// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.karaf.options.LogLevelOption.LogLevel;

import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.configureConsole;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.karafDistributionConfiguration;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.keepRuntimeFolder;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.logLevel;

/**
 * A stock Karaf for the tests, without Callosum. What it installs it gets from the build: a repository that holds ours and
 * what Karaf's own features need. It reaches no other.
 */
public final class KarafDistribution {
    /** The system property that holds the version of our artifacts. */
    public static final String VERSION = "callosum.itests.version";
    /** The system property that holds the path of the KAR. */
    public static final String KAR = "callosum.itests.kar";

    /** The system property that holds the path of the journal. */
    public static final String JOURNAL = "callosum.journal";

    private static final String MAVEN = "etc/org.ops4j.pax.url.mvn.cfg";

    /**
     * The options of a test's configuration. The journal is a new folder, whose path is short enough for a socket in it
     * wherever the build is.
     */
    public static Option stock() {
        return composite(
                karafDistributionConfiguration()
                        .frameworkUrl(url(archive()))
                        .name("Apache Karaf")
                        .karafVersion(property("callosum.itests.karaf.version"))
                        .unpackDirectory(new File(property("callosum.itests.karaf.folder")))
                        .useDeployFolder(false),
                keepRuntimeFolder(), // for its log
                configureConsole().ignoreLocalConsole().ignoreRemoteShell(),
                logLevel(LogLevel.INFO),
                editConfigurationFilePut(MAVEN, "org.ops4j.pax.url.mvn.defaultRepositories", repositories()),
                editConfigurationFilePut(MAVEN, "org.ops4j.pax.url.mvn.repositories", ""),
                library("hamcrest"),
                library("awaitility"),
                library("byte-buddy"),
                library("assertj-core"),
                library("cases"),
                systemProperty(JOURNAL).value(newJournal()),
                systemProperty(VERSION).value(property(VERSION)),
                systemProperty(KAR).value(property(KAR)));
    }

    /** Karaf's own archive. */
    static Path archive() {
        return path("distribution");
    }

    /** The Maven repositories that it may look into: its own, and the build's. */
    static String repositories() {
        return "${karaf.home.uri}${karaf.default.repository}@id=system.repository@snapshots,"
                + "${karaf.data.uri}kar@id=kar.repository@multi@snapshots,"
                + url(path("repository")) + "@id=build@snapshots";
    }

    /** The URL of the features repository that the build made. */
    public static String features() {
        return "mvn:org.callosum/org.callosum.features/" + property(VERSION) + "/xml/features";
    }

    /** Karaf's folder; known inside of it. */
    public static Path base() {
        return Path.of(property("karaf.base"));
    }

    /** The bus's socket; known inside of Karaf. */
    public static Path socket() {
        return Path.of(property(JOURNAL)).resolve("health").resolve("callosum.sock");
    }

    private static String newJournal() {
        try {
            return Files.createTempDirectory("callosum-karaf").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Option library(String name) {
        return CoreOptions.bundle(url(path("libraries").resolve(name + ".jar"))).startLevel(20);
    }

    private static Path path(String name) {
        return Path.of(property("callosum.itests.karaf." + name));
    }

    private static String url(Path path) {
        return path.toUri().toString();
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("System property '" + name
                    + "' is not set: run these tests with 'mvn verify', which prepares Karaf");
        }
        return value;
    }

    private KarafDistribution() {}
}
