// SPDX-License-Identifier: AGPL-3.0-only
/**
 * Installs, updates and removes app bundles as their jars come and go in one folder. File Install watches the folder and
 * says which file changed; what to do then is decided here.
 *
 * <ul>
 *   <li>A jar is taken when it is whole: every entry of it was read and its checksum is right. What was read is what is
 *       installed, whatever happens to the file meanwhile. Until then the version that runs goes on.
 *   <li>A new version whose requirements are not met does not replace the one that runs: it waits, and is tried again when
 *       something else comes. One whose activator throws has replaced it, and is reported.
 *   <li>An app that does not stop at once, because a handler of it runs, holds up its own new version alone.
 *   <li>One jar for each symbolic name: the one that is installed stays, every other is refused, until the first is
 *       removed. At a start with an empty cache the first by file name is the one.
 *   <li>What an operator installs, updates or removes by a command (org.callosum.update) is written to the folder, or deleted
 *       from it: what lies there is what runs, also after the framework's cache was lost.
 *   <li>What an operator stopped stays stopped, over restarts and updates.
 *   <li>A jar that cannot run is reported once, with what it lacks and how to mend it; once more if the reason changes.
 *   <li>In Karaf the folder is the one that Karaf deploys from, too. There an app is a bundle with the header {@code
 *       Callosum-App} or an import of org.callosum.api; the rest is left to Karaf. By itself File Install would take an app
 *       away as soon as its jar is only half there.
 * </ul>
 */
package org.callosum.deploy;
