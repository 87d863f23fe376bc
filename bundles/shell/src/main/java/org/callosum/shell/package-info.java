// SPDX-License-Identifier: AGPL-3.0-only
/**
 * Gogo commands of the scope {@code callosum}: thin components that print what the views say. Nothing in here is for other
 * bundles.
 *
 * <p>A command takes the {@code CommandSession} as its first parameter, and asks {@link org.callosum.shell.Screen#of} where it
 * prints; its view makes text for that screen, mostly a {@link org.callosum.shell.Table}, and values for JSON. What it cannot
 * do ends with an exception, whose message names the input, the rule and the remedy: Gogo shows it, and a script gets its
 * status.
 *
 * <p>With the option {@link org.callosum.shell.Options#JSON} a command that lists something prints one JSON array or object
 * instead: lists are not cut and names not escaped otherwise than JSON does, keys are camelCase and stay as they are, numbers are
 * in base units with the unit in the key ({@code p99Nanos}, {@code heldBytes}), moments are ISO 8601, what is not there is
 * {@code null}.
 */
package org.callosum.shell;
