// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

/** What became of a message that was emitted. It was accepted in either case; what cannot be accepted is an {@link EmitRefusedException}. */
public enum Emission {
    /** Handed to the bus. */
    SENT,

    /** The bus is away: kept in order, and sent when it is back. */
    QUEUED
}
