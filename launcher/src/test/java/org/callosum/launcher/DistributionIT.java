// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    @ParameterizedTest
    @ValueSource(strings = {"lib", "system"})
    void nothingThatIsReadAtAStartIsCompressed(String name) throws Exception {
        for (Path jar : jars(distribution.home().resolve(name))) {
            try (var file = new JarFile(jar.toFile())) {
                assertThat(file.stream())
                        .as(jar.toString())
                        .isNotEmpty()
                        .extracting(JarEntry::getMethod)
                        .containsOnly(ZipEntry.STORED);
            }
        }
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

    @Test
    void theManualAndTheCompletionsAreThere() {
        assertThat(distribution.home().resolve("share/man/man1/callosum.1"))
                .content()
                .contains(".SH \"CALLOSUM RUN\"");
        assertThat(distribution.home().resolve("share/bash-completion/completions/callosum"))
                .content()
                .contains("complete -F _complete_callosum");
        assertThat(distribution.home().resolve("share/zsh/site-functions/_callosum"))
                .content()
                .startsWith("#compdef callosum");
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "user"})
    void systemdHasNothingToSayOfTheUnit(String manager, @TempDir Path folder) throws Exception {
        String unit = Files.readString(distribution.home().resolve("share/systemd/" + manager + "/callosum.service"))
                .replace("/opt/callosum", distribution.home().toString())
                .replace("%h/callosum", distribution.home().toString());
        Path file = Files.writeString(folder.resolve("callosum.service"), unit);
        var builder = new ProcessBuilder("systemd-analyze", "--man=no", "--" + manager, "verify", file.toString())
                .redirectErrorStream(true);
        builder.environment().putIfAbsent("XDG_RUNTIME_DIR", folder.toString());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            process = Assumptions.abort("no systemd-analyze: " + e.getMessage());
        }

        assertThat(process.getInputStream()).asString(StandardCharsets.UTF_8).isEmpty();
        assertThat(process.waitFor()).isZero();
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
