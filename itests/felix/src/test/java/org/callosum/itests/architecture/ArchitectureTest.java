// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import aQute.bnd.header.Attrs;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may know whom: apps → api ← core ← shell; bus → api. Nothing depends on an app, nothing but core on how dispatch works,
 * and nothing but bus knows a socket.
 */
class ArchitectureTest {
    private static final String API = "org.callosum.api";
    private static final String TRANSPORT = "org.callosum.transport";
    private static final String CORE = "org.callosum.core";
    private static final String UPDATE = "org.callosum.update";
    private static final String JOURNAL = "org.callosum.journal";
    private static final String CONSOLE = "org.callosum.console";
    private static final String SOCKET = "org.callosum.socket";
    private static final String REMOTE = "org.callosum.remote";
    private static final String BUS = "org.callosum.bus";
    private static final String CLIENT = "org.callosum.client";

    /** All modules with code. A new one has its place here, and this is where it is argued for. */
    static final List<Module> MODULES = List.of(
            module(API, exports(API, TRANSPORT), knows(), imports()),
            module(
                    CORE,
                    exports(CORE),
                    knows(API, TRANSPORT, JOURNAL, CONSOLE),
                    imports("org.h2.mvstore", "org.h2.mvstore.type")),
            module(BUS, exports(CLIENT), knows(API, TRANSPORT, JOURNAL, SOCKET), imports("jdk.net")),
            module(UPDATE, exports(UPDATE), knows(API, CORE), imports()),
            module(
                    "org.callosum.shell",
                    exports(),
                    knows(API, TRANSPORT, CORE, UPDATE, CONSOLE, JOURNAL),
                    imports("org.apache.felix.service.command")),
            // The shell from outside: it knows no command, and nobody knows it but the command line, its wire's other
            // end.
            module(
                    REMOTE,
                    exports(),
                    knows(API, JOURNAL, SOCKET),
                    imports(
                            "javax.security.auth",
                            "jdk.net",
                            "org.apache.felix.gogo.jline",
                            "org.apache.felix.service.command",
                            "org.apache.karaf.jaas.boot.principal",
                            "org.apache.karaf.shell.api.console",
                            "org.jline.terminal",
                            "org.jline.terminal.impl")),
            module("org.callosum.eventadmin", exports(), knows(API), imports()),
            // Its HTTP is optional: a servlet where there is an API for that, the JDK's server where it has one.
            module(
                    "org.callosum.metrics",
                    exports(),
                    knows(API, TRANSPORT, CORE),
                    imports(
                            "javax.management.*",
                            "javax.servlet.*",
                            "com.sun.net.httpserver",
                            "org.apache.felix.hc.api.*")),
            module("org.callosum.runtime", exports(), knows(API, TRANSPORT, CORE), imports()),
            module("org.callosum.log", exports(), knows(), imports()),
            // Apart from core, because no runtime needs it but one that systemd has started.
            module("org.callosum.systemd", exports(), knows(API, TRANSPORT, CORE), imports()),
            // What it does an operator's hand does, too: one mechanism for the folder and the commands.
            // Of core it knows what makes a bundle an app.
            module("org.callosum.deploy", exports(), knows(API, CORE, UPDATE), imports("org.apache.felix.fileinstall")),
            module(JOURNAL, exports(), knows(API), imports()),
            module(CONSOLE, exports(), knows(API), imports()),
            module(SOCKET, exports(), knows(API), imports("jdk.net")),
            module("org.callosum.apps.observer", exports(), knows(API, JOURNAL), imports()),
            module("org.callosum.apps.support", exports(), knows(API, JOURNAL), imports()),
            module("org.callosum.apps.segment-log", exports(), knows(API, JOURNAL), imports()),
            module("org.callosum.apps.dev-log", exports(), knows(API, JOURNAL), imports()));

    /** No bundle: it is what starts the framework, and the command line. */
    private static final Module LAUNCHER = module(
            "org.callosum.launcher",
            exports(),
            knows(API, BUS, "org.callosum.client", CONSOLE, REMOTE + ".client", REMOTE + ".wire"),
            imports());

    static final List<Module> MODULES_AND_LAUNCHER =
            Stream.concat(MODULES.stream(), Stream.of(LAUNCHER)).toList();

    private static JavaClasses all;

    @BeforeAll
    static void readTheClasses() throws Exception {
        all = Module.classesOf(MODULES_AND_LAUNCHER);
    }

    @Test
    void everyBundleOfTheBuildIsLookedAt() throws IOException {
        List<String> built = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("../../bundles"), 3)) {
            files.filter(file -> file.endsWith("pom.xml"))
                    .map(ArchitectureTest::artifactId)
                    .filter(name -> !name.equals("org.callosum.bundles"))
                    .forEach(built::add);
        }

        assertThat(MODULES).extracting(Module::name).containsExactlyInAnyOrderElementsOf(built);
        assertThat(Module.bundles()).containsExactlyInAnyOrderElementsOf(built);
    }

    @ParameterizedTest
    @FieldSource("MODULES_AND_LAUNCHER")
    void aModuleKnowsOnlyWhatItMay(Module module) throws Exception {
        List<String> allowed = new ArrayList<>(module.knows());
        allowed.addAll(List.of(module.packages()));

        classes()
                .that()
                .resideInAnyPackage(module.packages())
                .should()
                .onlyDependOnClassesThat(resideOutsideOfOurs()
                        .or(resideInAnyPackage(allowed.toArray(String[]::new)))
                        .as("are not ours, or in " + allowed))
                .check(all);
    }

    @Test
    void theApiDoesNotKnowThePortToTheBus() throws Exception {
        noClasses()
                .that()
                .resideInAPackage(API + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(TRANSPORT + "..")
                .check(all);
    }

    @Test
    void nothingButCoreKnowsHowDispatchWorks() throws Exception {
        noClasses()
                .that()
                .resideOutsideOfPackage(CORE + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        CORE + ".dispatch..",
                        CORE + ".whiteboard..",
                        CORE + ".bridge..",
                        CORE + ".spill..",
                        CORE + ".health..",
                        CORE + ".component..")
                .check(all);
    }

    @Test
    void nothingButTheBusAndTheShellFromOutsideKnowsASocket() throws Exception {
        noClasses()
                .that()
                .resideOutsideOfPackages(BUS + "..", SOCKET + "..", REMOTE + "..")
                .should()
                .dependOnClassesThat(are(
                        SocketChannel.class.getName(),
                        ServerSocketChannel.class.getName(),
                        "java.net.UnixDomainSocketAddress",
                        "java.net.Socket",
                        "java.net.ServerSocket"))
                .check(all);
        assertThat(all.get("org.callosum.bus.ClientLoop").getDirectDependenciesFromSelf())
                .as("that the rule can tell")
                .anyMatch(dependency -> dependency.getTargetClass().isEquivalentTo(SocketChannel.class));
    }

    @Test
    void howDispatchWorksIsPlainJava() throws Exception {
        noClasses()
                .that()
                .resideInAnyPackage(CORE + ".dispatch..", CORE + ".spill..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.osgi.framework..", "org.osgi.service.component..", "org.osgi.util.tracker..")
                .check(all);
    }

    @Test
    void nothingButTheSpillKnowsItsStorage() throws Exception {
        noClasses()
                .that()
                .resideOutsideOfPackage(CORE + ".spill..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.h2..")
                .check(all);
    }

    @Test
    void theWireIsPlainJava() throws Exception {
        noClasses()
                .that()
                .resideInAnyPackage(BUS + "..", CLIENT + "..")
                .and()
                .haveNameNotMatching(".*\\.(BusComponent|BusComponent\\$.*)")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.osgi.framework..", "org.osgi.service.component..", "org.osgi.util.tracker..")
                .check(all);
    }

    /** A plain Java program has no class of OSGi, not even the log's. Annotations that no run time sees do not count. */
    @Test
    void theClientNeedsNoClassOfOsgi() throws Exception {
        noClasses()
                .that()
                .resideInAPackage(CLIENT + "..")
                .or()
                .haveNameMatching("org\\.callosum\\.bus\\.(BusClient|ClientLoop|Inbox|SystemLog)")
                .should()
                .dependOnClassesThat(resideInAPackage("org.osgi..")
                        .and(DescribedPredicate.not(resideInAPackage("org.osgi.annotation.."))))
                .check(all);
    }

    @Test
    void packagesHaveNoCycles() throws Exception {
        slices().matching("org.callosum.(**)").should().beFreeOfCycles().check(all);
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void aBundleImportsOnlyWhatItMayEachWithARange(Module module) throws IOException {
        for (Map.Entry<String, Attrs> imported : module.header("Import-Package").entrySet()) {
            String name = imported.getKey();

            assertThat(mayImport(module, name)).as("import of " + name).isTrue();
            if (!name.matches("(jdk|javax|com\\.sun)\\b.*")) { // the JDK's packages have no version
                assertThat(imported.getValue().getVersion())
                        .as("version of the import of " + name)
                        .matches("\\[[0-9.]+,[0-9.]+\\)");
            }
        }
        assertThat(module.header("DynamicImport-Package")).isEmpty();
        assertThat(module.header("Require-Bundle")).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void aBundleExportsOnlyWhatOthersMayUseEachWithAVersion(Module module) throws IOException {
        Map<String, Attrs> exported = module.header("Export-Package");

        assertThat(exported.keySet()).containsExactlyInAnyOrderElementsOf(module.exports());
        assertThat(exported.values())
                .allSatisfy(clause -> assertThat(clause.getVersion()).matches("[0-9]+\\.[0-9]+\\.[0-9]+"));
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void anAppSaysItsName(Module module) throws IOException {
        assertThat(module.attributes().getValue("Callosum-App"))
                .isEqualTo(module.isApp() ? module.name().substring("org.callosum.apps.".length()) : null);
    }

    /** Apps: the API and the OSGi standards, no more; what a module knows beside exports is a private copy. */
    private static boolean mayImport(Module module, String name) {
        boolean isExported = MODULES.stream().anyMatch(other -> other.exports().contains(name));
        boolean isNamed = module.imports().stream()
                .anyMatch(pattern -> pattern.endsWith(".*")
                        ? (name + ".").startsWith(pattern.substring(0, pattern.length() - 1))
                        : name.equals(pattern));
        return name.startsWith("org.osgi.")
                || isExported
                        && (module.knows().contains(name) || module.exports().contains(name))
                || isNamed;
    }

    private static DescribedPredicate<JavaClass> resideOutsideOfOurs() {
        return DescribedPredicate.not(resideInAPackage("org.callosum.."));
    }

    private static DescribedPredicate<JavaClass> are(String... names) {
        Set<String> wanted = Set.of(names);
        return DescribedPredicate.describe("are one of " + wanted, type -> wanted.contains(type.getName()));
    }

    private static String artifactId(Path pom) {
        try {
            return Files.readAllLines(pom).stream()
                    .filter(line -> line.startsWith("  <artifactId>")) // its own: not its parent's, and no dependency's
                    .map(line -> line.replaceAll("<[^>]*>", "").strip())
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Module module(String name, Set<String> exports, Set<String> knows, Set<String> imports) {
        return new Module(name, exports, knows, imports);
    }

    private static Set<String> exports(String... packages) {
        return Set.of(packages);
    }

    private static Set<String> knows(String... packages) {
        return Set.of(packages);
    }

    private static Set<String> imports(String... packages) {
        return Set.of(packages);
    }
}
