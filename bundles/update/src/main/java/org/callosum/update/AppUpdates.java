// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.util.Optional;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Installs, updates and removes apps for an operator and tells what it came to. A service of this bundle.
 *
 * <p>An app is named by its {@code Callosum-App} header, its bundle's symbolic name, or its bundle's id. A place is a URL that
 * the framework's process can open, or a file's path. A part of the runtime that this bundle itself is wired to cannot be
 * changed here: nobody would be left to report.
 *
 * <p><b>Threads.</b> Every method may be called by any thread. A change returns when it is made, the parked events of all that
 * was stopped for it are handed over or given up (at most {@value #PARKING_SECONDS} s after it), and what it replaced is
 * collected, or is not after several garbage collections. An interrupt ends the waiting, not the change: what is reported then
 * is what is known.
 */
@ProviderType
public interface AppUpdates {
    /** How long a report waits for parked events. */
    int PARKING_SECONDS = 15;

    /**
     * Installs an app and starts it.
     *
     * @throws UpdateException if the place cannot be read, holds no bundle, or holds one that is installed already
     */
    UpdateReport install(String place) throws UpdateException;

    /**
     * Puts a new version of an app into the place of the one that is there, and starts it unless an operator stopped it.
     *
     * @param place where its content is; empty for the bundle's own {@code Bundle-UpdateLocation} or location
     * @throws UpdateException if there is no such app, the place cannot be read, holds another bundle, or one whose
     *     requirements are not met: the version that is there goes on
     */
    UpdateReport update(String app, Optional<String> place) throws UpdateException;

    /**
     * Uninstalls an app.
     *
     * @throws UpdateException if there is no such app, or the framework does not do it
     */
    UpdateReport remove(String app) throws UpdateException;

    /**
     * What {@link #update} would do; does nothing.
     *
     * @param place as there
     * @throws UpdateException as there, but for requirements that are not met: the plan has those
     */
    UpdatePlan planUpdate(String app, Optional<String> place) throws UpdateException;

    /**
     * What {@link #remove} would do; does nothing.
     *
     * @throws UpdateException if there is no such app
     */
    UpdatePlan planRemove(String app) throws UpdateException;
}
