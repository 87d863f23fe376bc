// SPDX-License-Identifier: AGPL-3.0-only
/**
 * The observer app: keeps the history and the counts of the observers that segments came from, so that an observer can see
 * that what it sent was received and processed. {@link org.callosum.apps.observer.ObserverHistory} is where it begins.
 */
package org.callosum.apps.observer;
