// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Builds the jar of a small bundle from its headers and sources. */
final class TestJar {
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();

    /** A bundle of this symbolic name and version. */
    static TestJar bundle(String symbolicName, String version) {
        return new TestJar()
                .header("Bundle-ManifestVersion", "2")
                .header("Bundle-SymbolicName", symbolicName)
                .header("Bundle-Version", version);
    }

    /** A bundle whose activator says on standard output {@code <says> started} and {@code <says> stopped}. */
    static TestJar talker(String symbolicName, String version, String says) {
        return bundle(symbolicName, version)
                .activator(
                        symbolicName,
                        "System.out.println(\"" + says + " started\");",
                        "System.out.println(\"" + says + " stopped\");");
    }

    TestJar header(String name, String value) {
        headers.merge(name, value, (before, added) -> before + "," + added);
        return this;
    }

    TestJar imports(String clause) {
        return header("Import-Package", clause);
    }

    TestJar exports(String clause) {
        return header("Export-Package", clause);
    }

    TestJar activator(String packageName, String start, String stop) {
        return header("Bundle-Activator", packageName + ".Activator")
                .imports("org.osgi.framework")
                .source(
                        packageName + ".Activator",
                        """
                        package %s;
                        public class Activator implements org.osgi.framework.BundleActivator {
                            public void start(org.osgi.framework.BundleContext context) throws Exception { %s }
                            public void stop(org.osgi.framework.BundleContext context) throws Exception { %s }
                        }
                        """
                                .formatted(packageName, start, stop));
    }

    TestJar source(String className, String text) {
        sources.put(className, text);
        return this;
    }

    TestJar entry(String name, String text) {
        entries.put(name, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    byte[] bytes() {
        compile();
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
        var bytes = new ByteArrayOutputStream();
        try (var jar = new JarOutputStream(bytes, manifest)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                jar.putNextEntry(new ZipEntry(each.getKey()));
                jar.write(each.getValue());
                jar.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Puts it there in one step, as a careful copy does. */
    void moveTo(Path file) throws IOException {
        Path hidden = file.resolveSibling("." + file.getFileName());
        Files.write(hidden, bytes());
        Files.move(hidden, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private void compile() {
        if (sources.isEmpty()) {
            return;
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        var problems = new ByteArrayOutputStream();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((name, text) -> units.add(new Source(name, text)));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            var classes = new Classes(files);
            boolean compiles = compiler.getTask(
                            new java.io.OutputStreamWriter(problems, StandardCharsets.UTF_8),
                            classes,
                            null,
                            List.of("--release", "17", "-proc:none", "-cp", System.getProperty("java.class.path")),
                            null,
                            units)
                    .call();
            if (!compiles) {
                throw new IllegalArgumentException(problems.toString(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sources.clear();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String className, String text) {
            super(URI.create("string:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps the classes as entries of the jar. */
    private final class Classes extends ForwardingJavaFileManager<JavaFileManager> {
        Classes(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            String name = className.replace('.', '/') + ".class";
            return new SimpleJavaFileObject(URI.create("entry:///" + name), kind) {
                @Override
                public java.io.OutputStream openOutputStream() {
                    return new ByteArrayOutputStream() {
                        @Override
                        public void close() {
                            entries.put(name, toByteArray());
                        }
                    };
                }
            };
        }
    }
}
