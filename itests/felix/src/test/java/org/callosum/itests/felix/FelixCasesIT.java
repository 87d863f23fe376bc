// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.callosum.itests.cases.Container;
import org.callosum.itests.cases.RuntimeCases;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.FrameworkUtil;

/** The cases that every container has to pass, in Felix, with the bundles that the build made. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class FelixCasesIT extends RuntimeCases {
    private static final String JOURNAL = "callosum.journal";
    private static final String APPS = "callosum.apps";

    /** Where {@code org.callosum.deploy} has them. */
    private static final int APP_LEVEL = 20;

    /** By start level: the core before the bus, as in the distribution. The test's own bundle has the fifth. */
    private static final List<List<String>> LEVELS = List.of(
            List.of(
                    "org.osgi.util.function",
                    "org.osgi.util.promise",
                    "org.osgi.service.component",
                    "org.osgi.service.event",
                    "byte-buddy",
                    "assertj-core"),
            List.of(
                    "org.apache.felix.configadmin",
                    "org.apache.felix.log",
                    "org.callosum.log",
                    "org.apache.felix.metatype",
                    "org.apache.felix.scr",
                    "org.callosum.api"),
            List.of(
                    "jackson-core",
                    "h2-mvstore",
                    "org.callosum.update",
                    "org.callosum.deploy",
                    "org.apache.felix.fileinstall",
                    "org.callosum.core"),
            List.of("org.callosum.bus", "org.callosum.itests.cases"));

    /** The container, with a journal and an apps' folder of its own. Called outside of it. */
    @Configuration
    public Option[] felix() throws IOException {
        Path home = Files.createTempDirectory("callosum"); // short: a socket's path has to be
        Path apps = Files.createDirectory(home.resolve("apps"));
        List<Option> options = new ArrayList<>(List.of(
                CoreOptions.junitBundles(),
                // The test tool's bundles write to a log that drops it all, from outside.
                CoreOptions.systemPackages("org.slf4j;version=1.7.25", "org.slf4j.helpers;version=1.7.25"),
                CoreOptions.systemTimeout(30_000),
                CoreOptions.frameworkStartLevel(APP_LEVEL),
                CoreOptions.workingDirectory(home.resolve("cache").toString()),
                CoreOptions.frameworkProperty(JOURNAL).value(home.toString()),
                CoreOptions.frameworkProperty(APPS).value(apps.toString()),
                CoreOptions.frameworkProperty("org.osgi.framework.bsnversion").value("multiple"),
                CoreOptions.frameworkProperty("org.osgi.service.log.admin.loglevel")
                        .value("INFO"),
                CoreOptions.frameworkProperty("ds.loglevel").value("warn"),
                CoreOptions.frameworkProperty("felix.cm.dir")
                        .value(home.resolve("settings").toString()),
                CoreOptions.frameworkProperty("felix.fileinstall.dir").value(apps.toString()),
                CoreOptions.frameworkProperty("felix.fileinstall.poll").value("200"),
                CoreOptions.frameworkProperty("felix.fileinstall.disableNio2").value("true"),
                CoreOptions.frameworkProperty("felix.fileinstall.bundles.new.start")
                        .value("false"),
                CoreOptions.frameworkProperty("felix.fileinstall.tmpdir")
                        .value(home.resolve("tmp").toString())));
        for (int level = 1; level <= LEVELS.size(); level++) {
            for (String name : LEVELS.get(level - 1)) {
                Path jar = Path.of(System.getProperty("callosum.itests.bundles"), name + ".jar");
                options.add(CoreOptions.bundle("reference:" + jar.toUri()).startLevel(level));
            }
        }
        return options.toArray(Option[]::new);
    }

    @Override
    protected Container container() {
        return new Container() {
            @Override
            public Path socket() {
                return property(JOURNAL).resolve("health/callosum.sock");
            }

            @Override
            public Path appsFolder() {
                return property(APPS);
            }

            private Path property(String name) {
                return Path.of(FrameworkUtil.getBundle(FelixCasesIT.class)
                        .getBundleContext()
                        .getProperty(name));
            }
        };
    }
}
