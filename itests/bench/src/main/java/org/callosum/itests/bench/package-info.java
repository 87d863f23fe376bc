// SPDX-License-Identifier: AGPL-3.0-only
/** What load from outside goes through: handlers that do next to nothing, so that what is measured is the way to them. */
package org.callosum.itests.bench;
