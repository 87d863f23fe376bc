// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * Where a conversation reads and writes. The streams block as long as the client does not read or type, and an interrupt ends
 * the waiting.
 *
 * @param in what the client's standard input has
 * @param out for its standard output
 * @param error for its standard error
 */
public record Streams(InputStream in, OutputStream out, OutputStream error) {}
