// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

import static org.assertj.core.api.Assertions.assertThat;

/** What the build has put into the distribution fits together. */
class DistributionIT {
    private final Distribution distribution = new Distribution(Path.of(System.getProperty("callosum.distribution")));

    @Test
    void theStartOrderNamesTheBundlesThatAreThere() throws Exception {
        List<SystemBundle> bundles = SystemBundle.list(distribution.system());

        assertThat(bundles.stream().map(SystemBundle::jar))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(jars(distribution.system()));
        assertThat(bundles.stream().map(SystemBundle::startLevel)).isSorted();
    }

    @Test
    void noFileHasAVersionInItsName() throws Exception {
        assertThat(jars(distribution.home()))
                .noneMatch(jar -> jar.getFileName().toString().matches(".*-\\d.*"));
    }

    @Test
    void whatIsOffIsThereToBeCopied() throws Exception {
        assertThat(jars(distribution.home().resolve("apps-available")))
                .extracting(jar -> jar.getFileName().toString())
                .containsExactlyInAnyOrder(
                        "org.callosum.apps.dev-log.jar",
                        "org.callosum.eventadmin.jar",
                        "org.callosum.metrics.jar",
                        "org.apache.felix.eventadmin.jar");
    }

    /** Each setting of our own bundles is in etc/, commented out, with its default. */
    @TestFactory
    Stream<DynamicTest> everySettingIsExplained() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path jar : jars(distribution.home())) {
            for (Document metatype : metatypes(jar)) {
                Element designate =
                        (Element) metatype.getElementsByTagName("Designate").item(0);
                String pid = designate.getAttribute("pid");
                if (pid.startsWith("org.callosum.")) {
                    tests.add(DynamicTest.dynamicTest(pid, () -> assertExplained(pid, metatype)));
                }
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private void assertExplained(String pid, Document metatype) throws Exception {
        List<String> expected = new ArrayList<>();
        var attributes = metatype.getElementsByTagName("AD");
        for (int i = 0; i < attributes.getLength(); i++) {
            var attribute = (Element) attributes.item(i);
            expected.add(("#" + attribute.getAttribute("id") + " = " + attribute.getAttribute("default")).strip());
        }
        List<String> lines = Files.readAllLines(Path.of("src/main/dist/etc", pid + ".cfg"));

        assertThat(lines.stream().filter(line -> line.matches("#[\\w.]+ =.*"))).containsExactlyElementsOf(expected);
        assertThat(lines).as("nothing is set").allMatch(line -> line.isEmpty() || line.startsWith("#"));
    }

    private static List<Path> jars(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(each -> each.toString().endsWith(".jar"))
                    .filter(each -> !each.toString().contains("/data/"))
                    .toList();
        }
    }

    private static List<Document> metatypes(Path jar) throws Exception {
        List<Document> documents = new ArrayList<>();
        try (var file = new JarFile(jar.toFile())) {
            for (ZipEntry entry : file.stream()
                    .filter(each -> each.getName().matches("OSGI-INF/metatype/.*\\.xml"))
                    .toList()) {
                try (InputStream in = file.getInputStream(entry)) {
                    documents.add(DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(in));
                }
            }
        }
        return documents;
    }
}
