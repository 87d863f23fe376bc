// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * The jar of a test app, made where it is needed, in a container too: handlers that say on the bus which numbered events they
 * handled. Immutable.
 *
 * @param symbolicName the bundle's symbolic name, which is the app's name, too
 * @param version the bundle's version
 * @param handlers its handlers
 * @param imports packages that it imports beside those that it needs, as clauses of the header
 * @param className the class of its handlers
 */
public record AppJar(
        String symbolicName, String version, List<Handler> handlers, List<String> imports, String className) {
    /**
     * A handler of it.
     *
     * @param label what it calls itself on the bus
     * @param tract what it listens to
     * @param event what it listens to
     */
    public record Handler(String label, String tract, String event) {}

    private static final String CLASSES = "org.callosum.itests.numbered.";
    private static final String NUMBERED = CLASSES + "Numbered";

    private static final List<String> IMPORTS = List.of(
            "org.callosum.api;version=\"[1.0,2)\"",
            "org.osgi.framework;version=\"[1.9,2)\"",
            "org.osgi.service.event;version=\"[1.4,2)\"");

    private static final String COMPONENT =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%1$s" init="3">
              <implementation class="%2$s"/>
              <service>
                <provide interface="org.osgi.service.event.EventHandler"/>
              </service>
              <property name="label" value="%3$s"/>
              <property name="tract" value="%4$s"/>
              <property name="event" value="%5$s"/>
              <reference name="callosum" interface="org.callosum.api.Callosum" parameter="1"/>
            </scr:component>
            """;

    /** Keeps copies. */
    public AppJar {
        handlers = List.copyOf(handlers);
        imports = List.copyOf(imports);
    }

    /** An app with one handler for numbered events, which calls itself what the app is called. */
    public static AppJar of(String symbolicName, String version) {
        return new AppJar(
                symbolicName, version, List.of(new Handler(symbolicName, "numbered", "sent")), List.of(), NUMBERED);
    }

    /** With these handlers. */
    public AppJar with(Handler... others) {
        return new AppJar(symbolicName, version, List.of(others), imports, className);
    }

    /** In another version. */
    public AppJar inVersion(String other) {
        return new AppJar(symbolicName, other, handlers, imports, className);
    }

    /** With one more import. */
    public AppJar importing(String clause) {
        return new AppJar(
                symbolicName,
                version,
                handlers,
                Stream.concat(imports.stream(), Stream.of(clause)).toList(),
                className);
    }

    /** With handlers that do what a {@link Deed} says. */
    public AppJar wilful() {
        return new AppJar(symbolicName, version, handlers, imports, CLASSES + "Wilful");
    }

    /** With handlers that need the class of a {@link LibraryJar}. */
    public AppJar borrowing() {
        return new AppJar(symbolicName, version, handlers, imports, CLASSES + "Borrowing")
                .importing(LibraryJar.PACKAGE);
    }

    /** The PID of a handler's configuration, which is its component's name. */
    public String pid(Handler handler) {
        return symbolicName + "." + handler.label();
    }

    /** The PID of the first handler's configuration. */
    public String pid() {
        return pid(handlers.get(0));
    }

    /** The jar. */
    public byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest())) {
            for (String each : new LinkedHashSet<>(List.of(NUMBERED, className))) {
                put(jar, entry(each), classFile(each));
            }
            for (Handler handler : handlers) {
                String description = String.format(
                        COMPONENT, pid(handler), className, handler.label(), handler.tract(), handler.event());
                put(jar, description(handler), description.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The jar, to install or update a bundle from. */
    public InputStream stream() {
        return new ByteArrayInputStream(bytes());
    }

    /** Puts it there in one step, as a careful copy does. */
    public void moveTo(Path file) throws IOException {
        Path hidden = file.resolveSibling("." + file.getFileName());
        Files.write(hidden, bytes());
        Files.move(hidden, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private Manifest manifest() {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", symbolicName);
        headers.putValue("Bundle-Version", version);
        headers.putValue("Callosum-App", symbolicName);
        List<String> all = new ArrayList<>(IMPORTS);
        all.addAll(imports);
        headers.putValue("Import-Package", String.join(",", all));
        headers.putValue(
                "Service-Component", handlers.stream().map(this::description).collect(Collectors.joining(",")));
        headers.putValue(
                "Require-Capability",
                "osgi.extender;filter:=\"(&(osgi.extender=osgi.component)(version>=1.4.0)(!(version>=2.0.0)))\"");
        return manifest;
    }

    private String description(Handler handler) {
        return "OSGI-INF/" + pid(handler) + ".xml";
    }

    private static String entry(String name) {
        return name.replace('.', '/') + ".class";
    }

    private static byte[] classFile(String name) throws IOException {
        try (InputStream in = AppJar.class.getResourceAsStream("/" + entry(name))) {
            return in.readAllBytes();
        }
    }

    private static void put(JarOutputStream jar, String name, byte[] content) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        jar.write(content);
        jar.closeEntry();
    }
}
