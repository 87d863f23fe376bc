// SPDX-License-Identifier: AGPL-3.0-only
/**
 * What goes over the socket of a running service's shell, both ways: frames of a type (one byte), a length (four bytes, the
 * highest first) and so many bytes.
 *
 * <table>
 * <caption>A conversation</caption>
 * <tr><th>from</th><th>frame</th><th>says</th></tr>
 * <tr><td>client</td><td>{@code HELLO}</td><td>a {@link org.callosum.remote.wire.Request}: first, and once</td></tr>
 * <tr><td>server</td><td>{@code READ}</td><td>somebody waits for input: answered with one {@code INPUT} or {@code INPUT_END}, so
 * that nothing is taken from the client's standard input that nobody reads</td></tr>
 * <tr><td>server</td><td>{@code OUTPUT}, {@code ERROR}</td><td>bytes for standard output and standard error, unaltered</td></tr>
 * <tr><td>client</td><td>{@code SIZE}</td><td>the terminal's columns and rows are others now</td></tr>
 * <tr><td>client</td><td>{@code INTERRUPT}</td><td>ends the command that runs</td></tr>
 * <tr><td>server</td><td>{@code END}</td><td>an {@link org.callosum.remote.wire.End}: last, and once</td></tr>
 * </table>
 *
 * Either side may close the connection at any time, and a frame of a type that is not known is passed over.
 */
package org.callosum.remote.wire;
