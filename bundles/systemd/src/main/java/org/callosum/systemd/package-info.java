// SPDX-License-Identifier: AGPL-3.0-only
/**
 * Tells systemd when all is up, when the runtime stops, and, as often as it wants to hear it, that events are still
 * dispatched: what a unit with {@code Type=notify} and {@code WatchdogSec} waits for. Idle where systemd has not started the
 * process.
 */
package org.callosum.systemd;
