// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * Changes bundles one by one: installs, updates, uninstalls and starts, and refreshes those bundles that hang on the changed
 * one and no others. A service of this bundle.
 *
 * <p><b>Threads.</b> Every method may be called by any thread. Changes of different bundles may be made side by side; those
 * of one bundle are the caller's to make one after the other.
 */
@ProviderType
public interface BundleChanges {
    /**
     * Installs a bundle and does not start it. The hosts of a fragment are refreshed, so that it is attached.
     *
     * @param location where the framework is told that it is from; has to be new
     * @param startLevel the start level that it gets; the framework's initial one if empty
     * @throws BundleException if the framework does not take it, or a host was not refreshed in time
     */
    Bundle install(String location, JarContent content, OptionalInt startLevel) throws BundleException, IOException;

    /**
     * Replaces a bundle's content and refreshes what hangs on it. The bundle is stopped for it, its autostart setting stands,
     * and it has to be started again by the caller: once, behind the refresh of those that hang on it. Does not look whether
     * the content can run: {@link #requireMet} does, before anything is touched.
     *
     * @return what was refreshed along with it
     * @throws BundleException if the framework does not take it, and has the content before, which is stopped; or if what hangs
     *     on it was not refreshed in time
     */
    List<Dependent> update(Bundle bundle, JarContent content) throws BundleException, IOException;

    /**
     * Uninstalls a bundle and refreshes what hangs on it.
     *
     * @return what was refreshed along with it
     * @throws BundleException if the framework does not do it, or what hangs on it was not refreshed in time
     */
    List<Dependent> uninstall(Bundle bundle) throws BundleException;

    /**
     * Starts a bundle, unless it is a fragment, and remembers that it is to be started.
     *
     * @throws BundleException if it cannot be resolved, its activator throws, or does not return in time
     */
    void start(Bundle bundle) throws BundleException;

    /** What would have to be refreshed if the bundle changed, the nearest first, each with the reason. */
    List<Dependent> dependents(Bundle bundle);

    /** What an installed bundle lacks of what it requires: a sentence for each; none if it can be resolved. */
    List<String> unmet(Bundle bundle);

    /** What a content lacks of what it requires, if it took the place of a bundle: a sentence for each. */
    List<String> unmet(JarContent content, Bundle replaced) throws BundleException, IOException;

    /**
     * Refuses a content that lacks what it requires. Changes nothing.
     *
     * @throws UnmetException if it does, with a sentence for each
     */
    default void requireMet(JarContent content, Bundle replaced) throws BundleException, IOException, UnmetException {
        List<String> unmet = unmet(content, replaced);
        if (!unmet.isEmpty()) {
            throw new UnmetException(content.version().toString(), unmet);
        }
    }
}
