// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;

/** A class loader with classes of its own, as a bundle's version has: copies of {@link Leaking} and what is in it. */
final class OldVersion extends ClassLoader {
    private static final String OWN = Leaking.class.getName();

    OldVersion() {
        super(OldVersion.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OWN)) {
            return super.loadClass(name, resolve);
        }
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
    }

    private Class<?> define(String name) {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Something that this version's {@link Leaking} makes. */
    Object make(String what, CountDownLatch entered, CountDownLatch gate) throws ReflectiveOperationException {
        return loadClass(OWN)
                .getMethod("make", String.class, CountDownLatch.class, CountDownLatch.class)
                .invoke(null, what, entered, gate);
    }
}
