// SPDX-License-Identifier: AGPL-3.0-only
/** The commands that speak to a bus from outside: any bus of the Callosum wire, this runtime's or another's. */
package org.callosum.launcher.cli;
