// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.io.IOException;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.framework.Bundle;

/**
 * Keeps the content of bundles in a place of its own, and installs what it finds there: the apps' folder. A change that an
 * operator makes is told to it, so that what is kept is what runs, over restarts and an empty cache. Implemented as a service
 * by whoever keeps; {@link AppUpdates} calls it, on the thread of whoever makes the change.
 */
@ConsumerType
public interface ContentKeeper {
    /** The location that a new bundle is to be installed from so that its content is kept. Changes nothing. */
    String location(JarContent content);

    /** The start level of what is kept. */
    int startLevel();

    /** Whether this bundle's content is kept here. */
    boolean keeps(Bundle bundle);

    /**
     * Keeps a content: of a bundle that was just installed from the location given here, or that was updated.
     *
     * @throws IOException if it cannot be written; the message says where
     */
    void keep(Bundle bundle, JarContent content) throws IOException;

    /**
     * Keeps a bundle's content no longer: it was uninstalled.
     *
     * @throws IOException if it cannot be removed; the message says where it is
     */
    void drop(Bundle bundle) throws IOException;
}
