// SPDX-License-Identifier: AGPL-3.0-only
/** The Declarative Services components that make services of the plain classes, and map their configuration. */
package org.callosum.core.component;
