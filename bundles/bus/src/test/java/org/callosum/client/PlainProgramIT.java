// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.callosum.api.Message;
import org.callosum.bus.ServedBus;
import org.callosum.bus.WireClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Programs that have the two jars, as they are built, and nothing else: no class of OSGi, and no other JSON library. */
@SuppressWarnings("try") // a bus that only has to be there
@Timeout(120)
class PlainProgramIT {
    private static final Path README = Path.of("../../README.md");

    @TempDir
    Path folder;

    private Process program;

    @AfterEach
    void kill() {
        if (program != null) {
            program.destroyForcibly();
        }
    }

    @Test
    void twoJarsOnTheClassPathAreEnough() throws Exception {
        start("-cp", path(bus(), api(), classes()), PlainProgram.class.getName(), socket().toString());

        assertThat(runThroughARestart("a jar"))
                .containsExactly("heard 2, stamped", "refused", "failures 2", "threads 0");
    }

    @Test
    void soTheyAreOnTheModulePath() throws Exception {
        start(
                "--module-path",
                path(bus(), api()),
                "--add-modules",
                "org.callosum.bus,org.callosum.api",
                // The program is in a package of a module's, and so a part of it.
                "--patch-module",
                "org.callosum.bus=" + classes(),
                "-m",
                "org.callosum.bus/" + PlainProgram.class.getName(),
                socket().toString());

        assertThat(runThroughARestart("org.callosum.api"))
                .containsExactly("heard 2, stamped", "refused", "failures 2", "threads 0");
    }

    private List<String> runThroughARestart(String placeOfJson) throws IOException, InterruptedException {
        try (BufferedReader output = program.inputReader()) {
            assertThat(output.readLine()).as(this::errors).isEqualTo("org.osgi.service.log.Logger is nowhere");
            assertThat(output.readLine()).isEqualTo("com.fasterxml.jackson.core.JsonFactory is in " + placeOfJson);
            assertThat(output.readLine()).isEqualTo("QUEUED");
            try (ServedBus first = ServedBus.in(folder)) {
                assertThat(output.readLine()).isEqualTo("connected");
                assertThat(output.readLine()).as(this::errors).isEqualTo("heard 1, stamped");
            }
            assertThat(output.readLine()).isEqualTo("lost");
            try (ServedBus second = ServedBus.in(folder)) {
                assertThat(output.readLine()).isEqualTo("connected");
                assertThat(output.readLine()).isEqualTo("gap BUS_AWAY");
                try (WireClient other = WireClient.connect(second.socket())) {
                    other.send("{\"tract\":\"plain\",\"event\":\"program\",\"n\":2}");
                    List<String> rest = output.lines().toList();
                    assertThat(program.waitFor()).as(this::errors).isZero();
                    assertThat(errors()).contains("is gone", "Connected again", "thrown by a test");
                    return rest;
                }
            }
        }
    }

    @Test
    void theExampleOfTheReadmeRunsAsItSays() throws Exception {
        String readme = Files.readString(README);
        String section = readme.substring(readme.indexOf("## From a plain Java program"));
        Path source = folder.resolve("Door.java");
        Files.writeString(source, block(section, "java"));
        List<String> command = List.of(block(section, "sh").strip().split(" "));
        assertThat(command).hasSize(4).startsWith("java", "-cp").endsWith("Door.java");
        assertThat(Stream.of(command.get(2).split(":"))
                        .map(jar -> Path.of("../..", jar).toAbsolutePath().normalize()))
                .as("the jars that it names")
                .containsExactly(bus(), api());

        Path journal = folder.resolve("journal/health");
        Files.createDirectories(journal);
        try (ServedBus bus = ServedBus.in(journal);
                WireClient greeter = WireClient.join(bus.socket())) {
            start("-cp", path(bus(), api()), source.toString());
            Message opened = Message.parse(greeter.readLine());
            assertThat(opened.toString()).isEqualTo("door/opened");
            greeter.send("{\"tract\":\"greeter\",\"event\":\"greeted\",\"text\":\"Hello, "
                    + opened.string("name").orElseThrow() + "\"}");

            try (BufferedReader output = program.inputReader()) {
                assertThat(output.lines()).as(this::errors).containsExactly("Hello, Ada");
            }
            assertThat(program.waitFor()).isZero();
            assertThat(errors()).doesNotContain("warning", "WARNING", "SEVERE");
        }
    }

    @Test
    void theExampleOfTheReadmeSaysWhenThereIsNoBus() throws Exception {
        Path source = folder.resolve("Door.java");
        Files.writeString(source, block(Files.readString(README).split("## From a plain Java program")[1], "java"));
        start("-cp", path(bus(), api()), source.toString());

        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isEqualTo(1);
        assertThat(errors()).contains("No bus on journal/health/callosum.sock");
    }

    /** The first block of a language. */
    private static String block(String text, String language) {
        Matcher block =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(text);
        assertThat(block.find()).as("a block of " + language).isTrue();
        return block.group(1);
    }

    private void start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Duser.language=en"); // of the log's level names
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(errorFile().toFile());
        builder.environment().remove("SOLSTONE_JOURNAL");
        builder.environment().remove("CLASSPATH");
        program = builder.start();
        program.getOutputStream().close();
    }

    private String errors() {
        try {
            return Files.readString(errorFile());
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Path errorFile() {
        return folder.resolve("errors");
    }

    private Path socket() {
        return folder.resolve("callosum.sock");
    }

    private static Path bus() throws URISyntaxException {
        return jar(CallosumClient.class);
    }

    private static Path api() throws URISyntaxException {
        return jar(Message.class);
    }

    /** The jar that a class is in: what is tested are the jars as they are built. */
    private static Path jar(Class<?> type) throws URISyntaxException {
        Path place =
                Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        assertThat(place.toString()).as("the place of " + type).endsWith(".jar");
        return place.toAbsolutePath().normalize();
    }

    /** A folder with the program's own classes. */
    private Path classes() throws IOException {
        Path root = folder.resolve("classes");
        for (String suffix : List.of("", "$1")) {
            String name = PlainProgram.class.getName().replace('.', '/') + suffix + ".class";
            Files.createDirectories(root.resolve(name).getParent());
            try (InputStream content = PlainProgram.class.getClassLoader().getResourceAsStream(name)) {
                Files.copy(content, root.resolve(name));
            }
        }
        return root;
    }

    private static String path(Path... places) {
        return String.join(
                File.pathSeparator, Stream.of(places).map(Path::toString).toList());
    }
}
