// SPDX-License-Identifier: AGPL-3.0-only
/**
 * All that an app compiles against: {@link org.callosum.api.CallosumEventHandler} is what it publishes,
 * {@link org.callosum.api.OnEvent} says for which events, {@link org.callosum.api.EventContext} and
 * {@link org.callosum.api.Message} are what it gets, and {@link org.callosum.api.Callosum} is how it answers.
 */
@Export
@Version("1.1.0")
package org.callosum.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
