// SPDX-License-Identifier: AGPL-3.0-only
/** Makes services of changes and of the operator's changes. The rules are not here. */
package org.callosum.update.component;
