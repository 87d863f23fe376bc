// SPDX-License-Identifier: AGPL-3.0-only
/** An app that is updated again and again under load, in a process of its own; what that came to. */
package org.callosum.itests.updating;
