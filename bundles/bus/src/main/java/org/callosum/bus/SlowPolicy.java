// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

/** What becomes of a client that has read before and now makes no progress with a full backlog. */
enum SlowPolicy {
    /** It is disconnected, so that the others go on. */
    DISCONNECT,

    /** The senders wait until it reads again or leaves, so that it loses nothing. */
    BLOCK
}
