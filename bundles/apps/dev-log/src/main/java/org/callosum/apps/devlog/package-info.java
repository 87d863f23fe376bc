// SPDX-License-Identifier: AGPL-3.0-only
/** The dev-log app: {@link org.callosum.apps.devlog.EventLog} shows a developer what goes by on the bus. */
package org.callosum.apps.devlog;
