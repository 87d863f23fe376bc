// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.lang.reflect.Method;
import java.util.List;

import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleWiring;

/**
 * The classes that the bundles' loaders have loaded until now.
 *
 * <p>Some of them the JVM has not linked: interfaces, and types that it only looked at to verify others. What is not linked is
 * left out of the class archive, and so is each class that implements or extends it: without this a fifth of all.
 */
final class LoadedClasses {
    private static final String SUFFIX = ".class";

    private LoadedClasses() {}

    /** Links those of these bundles. It initializes none. It takes {@code java.lang} to be open to this. */
    static void link(List<Bundle> bundles) throws ReflectiveOperationException {
        Method findLoadedClass = ClassLoader.class.getDeclaredMethod("findLoadedClass", String.class);
        findLoadedClass.setAccessible(true);
        int before;
        int linked = 0;
        do { // to link one may load another
            before = linked;
            linked = 0;
            for (Bundle bundle : bundles) {
                BundleWiring wiring = bundle.adapt(BundleWiring.class);
                if (bundle.getBundleId() == Constants.SYSTEM_BUNDLE_ID
                        || wiring == null
                        || wiring.getClassLoader() == null) {
                    continue;
                }
                for (String name : names(wiring)) {
                    var loaded = (Class<?>) findLoadedClass.invoke(wiring.getClassLoader(), name);
                    if (loaded != null) {
                        link(loaded);
                        linked++;
                    }
                }
            }
        } while (linked > before);
    }

    private static List<String> names(BundleWiring wiring) {
        int options = BundleWiring.LISTRESOURCES_LOCAL | BundleWiring.LISTRESOURCES_RECURSE;
        return wiring.listResources("/", "*" + SUFFIX, options).stream()
                .map(file -> file.substring(0, file.length() - SUFFIX.length()).replace('/', '.'))
                .toList();
    }

    /** The JVM links a class to list its members. */
    private static void link(Class<?> loaded) {
        try {
            if (loaded.isInterface()) {
                loaded.getDeclaredMethods();
            } else {
                loaded.getDeclaredConstructors();
            }
        } catch (LinkageError e) {
            // It names a class that is not there, and so it will be in every run.
        }
    }
}
