// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Constants;
import org.callosum.api.EventContext;
import org.callosum.core.Dispatcher;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Component;

/**
 * A bundle made of one package of this module, by bnd, as an app's own build makes one. Immutable.
 *
 * @param classes the package
 * @param symbolicName its symbolic name
 * @param version its version
 * @param app its header {@code Callosum-App}; empty if it has none
 */
record TestBundle(String classes, String symbolicName, String version, Optional<String> app) {
    private static final String APPS = "org.callosum.itests.apps.";

    /** What was built already: the same bundle is the same jar. */
    private static final Map<TestBundle, byte[]> JARS = new ConcurrentHashMap<>();

    /** The app in the package of that name below {@code org.callosum.itests.apps}; the bundle's name is {@code test.<name>}. */
    static TestBundle app(String name) {
        return new TestBundle(APPS + name, "test." + name, "1.0.0", Optional.of(name));
    }

    /** What reads and changes the runtime from within, for {@link Probe}. */
    static TestBundle probe() {
        return new TestBundle("org.callosum.itests.probe", "test.probe", "1.0.0", Optional.empty());
    }

    TestBundle inVersion(String other) {
        return new TestBundle(classes, symbolicName, other, app);
    }

    TestBundle withoutAppHeader() {
        return new TestBundle(classes, symbolicName, version, Optional.empty());
    }

    /** With another header. */
    TestBundle inApp(String otherApp) {
        return new TestBundle(classes, symbolicName, version, Optional.of(otherApp));
    }

    /** The same classes as another app, with a bundle of its own. */
    TestBundle as(String otherApp) {
        return new TestBundle(classes, "test." + otherApp, version, Optional.of(otherApp));
    }

    /** The jar. */
    InputStream jar() throws Exception {
        byte[] jar = JARS.get(this);
        if (jar == null) {
            jar = build();
            JARS.put(this, jar);
        }
        return new ByteArrayInputStream(jar);
    }

    private byte[] build() throws Exception {
        try (Builder builder = new Builder()) {
            builder.setClasspath(new File[] {
                placeOf(TestBundle.class),
                placeOf(EventContext.class),
                placeOf(Dispatcher.class),
                placeOf(Component.class),
                placeOf(BundleContext.class)
            });
            builder.setProperty(Constants.BUNDLE_SYMBOLICNAME, symbolicName);
            builder.setProperty(Constants.BUNDLE_VERSION, version);
            builder.setProperty(Constants.PRIVATE_PACKAGE, classes);
            builder.setProperty("-noimportjava", "true");
            app.ifPresent(name -> builder.setProperty("Callosum-App", name));
            String activator = classes + ".Activator";
            if (TestBundle.class.getClassLoader().getResource(activator.replace('.', '/') + ".class") != null) {
                builder.setProperty(Constants.BUNDLE_ACTIVATOR, activator);
            }
            ByteArrayOutputStream jar = new ByteArrayOutputStream();
            builder.build().write(jar);
            if (!builder.getErrors().isEmpty() || !builder.getWarnings().isEmpty()) {
                throw new AssertionError(this + " cannot be built: " + builder.getErrors() + builder.getWarnings());
            }
            return jar.toByteArray();
        }
    }

    private static File placeOf(Class<?> type) throws URISyntaxException {
        return new File(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
