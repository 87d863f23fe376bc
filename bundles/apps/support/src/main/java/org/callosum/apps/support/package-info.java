// SPDX-License-Identifier: AGPL-3.0-only
/**
 * The support app: offers the user help when a service fails again and again. Nothing leaves the machine: the suggestion is
 * a message on the bus. {@link org.callosum.apps.support.ErrorWatch} is where it begins.
 */
package org.callosum.apps.support;
