// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.socket;

/**
 * What a socket is for, as errors about it say.
 *
 * @param owner whose it is, as in 'the bus'
 * @param ifServed what to do where somebody else serves it
 * @param ifTaken what else to do where something is in its place that cannot be removed
 * @param ifTooLong what to do where its path is too long
 */
public record SocketUse(String owner, String ifServed, String ifTaken, String ifTooLong) {}
