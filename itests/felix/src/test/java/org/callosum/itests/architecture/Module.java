// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.architecture;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Stream;

import aQute.bnd.header.Parameters;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;

/**
 * A module of the build as it lies on the class path of these tests, a folder or a jar, and what it may know.
 *
 * @param name its artifact's, and its bundle's symbolic name
 * @param exports the packages that others may use
 * @param knows the packages of other modules that its classes may depend on
 * @param imports the packages, beside those and OSGi's, that its bundle may import; {@code .*} means all below
 */
record Module(String name, Set<String> exports, Set<String> knows, Set<String> imports) {
    /** The names of all bundles of ours on the class path, without those that are made for tests. */
    static List<String> bundles() throws IOException {
        List<String> names = new ArrayList<>();
        for (URL place : manifests()) {
            String name = read(place).getValue("Bundle-SymbolicName");
            if (name != null && name.startsWith("org.callosum.") && !name.startsWith("org.callosum.itests.")) {
                names.add(name);
            }
        }
        return names;
    }

    /** The root of its own packages; what else is in it are private copies. */
    String root() {
        return name.replace("-", "");
    }

    boolean isApp() {
        return name.startsWith("org.callosum.apps.");
    }

    /** Its own classes: those below its root, and those that it exports. */
    String[] packages() {
        return Stream.concat(Stream.of(root()), exports.stream())
                .distinct()
                .map(root -> root + "..")
                .toArray(String[]::new);
    }

    /** The classes of modules, each one's own, without the private copies of others'. */
    static JavaClasses classesOf(Collection<Module> modules) throws IOException, URISyntaxException {
        List<Location> locations = new ArrayList<>();
        List<String> own = new ArrayList<>();
        for (Module module : modules) {
            URI place = module.place();
            locations.add(Location.of(place));
            for (String packages : module.packages()) {
                own.add(place + packages.replace("..", "").replace('.', '/') + "/");
            }
        }
        return new ClassFileImporter()
                .withImportOption(location -> own.stream()
                        .anyMatch(root -> location.asURI().toString().startsWith(root)))
                .importLocations(locations);
    }

    /** A header of its manifest, as clauses; without any if there is no such header. */
    Parameters header(String header) throws IOException {
        return new Parameters(attributes().getValue(header));
    }

    Attributes attributes() throws IOException {
        for (URL manifest : manifests()) {
            Attributes attributes = read(manifest);
            if (name.equals(attributes.getValue("Bundle-SymbolicName"))) {
                return attributes;
            }
        }
        throw new AssertionError("There is no bundle " + name + " on the class path");
    }

    /** Where it lies: a folder or a jar. */
    private URI place() throws IOException, URISyntaxException {
        String inside = root().replace('.', '/') + "/";
        List<URL> places = List.copyOf(Collections.list(loader().getResources(inside)));
        for (URL place : places) {
            String uri = place.toURI().toString();
            String root = uri.substring(0, uri.length() - inside.length());
            if (root.contains("/" + folder() + "/target/")) {
                return URI.create(root);
            }
        }
        throw new AssertionError("The classes of " + name + " are in none of " + places);
    }

    /** The name of its folder: the last part of its own. */
    private String folder() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static List<URL> manifests() throws IOException {
        return Collections.list(loader().getResources("META-INF/MANIFEST.MF"));
    }

    private static Attributes read(URL manifest) throws IOException {
        try (InputStream in = manifest.openStream()) {
            return new Manifest(in).getMainAttributes();
        }
    }

    private static ClassLoader loader() {
        return Module.class.getClassLoader();
    }

    @Override
    public String toString() {
        return name;
    }
}
