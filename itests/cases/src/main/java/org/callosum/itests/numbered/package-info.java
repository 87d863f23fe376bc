// SPDX-License-Identifier: AGPL-3.0-only
/** What the test apps are made of. Their jars hold these classes; no other bundle loads them. */
package org.callosum.itests.numbered;
