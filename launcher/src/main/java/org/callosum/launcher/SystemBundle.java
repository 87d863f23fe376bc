// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the runtime's own bundles, as a line of {@code system/start-order} names it.
 *
 * @param startLevel its start level
 * @param jar its file
 * @param isShell whether it is started last, and on a terminal alone
 */
record SystemBundle(int startLevel, Path jar, boolean isShell) {
    /** The file that lists the bundles. */
    static final String ORDER = "start-order";

    private static final Pattern LINE = Pattern.compile("(\\d+|shell)\\s+([\\w.-]+\\.jar)");
    /** Above every other of these: the shell is started by hand, when all is up; in safe mode too. */
    private static final int SHELL_LEVEL = FrameworkProperties.SAFE_START_LEVEL;

    /**
     * Reads the list: one bundle a line, {@code <start level> <file>} or {@code shell <file>}, in the order in which they
     * start; {@code #} begins a comment.
     */
    static List<SystemBundle> list(Path system) throws LaunchException {
        Path order = system.resolve(ORDER);
        List<SystemBundle> bundles = new ArrayList<>();
        try {
            for (String text : Files.readAllLines(order)) {
                String line = text.replaceFirst("#.*", "").strip();
                if (!line.isEmpty()) {
                    bundles.add(parse(line, system));
                }
            }
        } catch (IOException e) {
            throw new LaunchException(
                    "'" + order + "' cannot be read: the distribution is not whole; unpack it again.", e);
        }
        return List.copyOf(bundles);
    }

    private static SystemBundle parse(String line, Path system) throws LaunchException {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new LaunchException("'" + system.resolve(ORDER) + "': '" + line
                    + "' is no bundle: give '<start level> <file>.jar' or 'shell <file>.jar'.");
        }
        Path jar = system.resolve(matcher.group(2));
        if (!Files.isRegularFile(jar)) {
            throw new LaunchException("'" + jar + "' is missing: the distribution is not whole; unpack it again.");
        }
        boolean isShell = matcher.group(1).equals("shell");
        return new SystemBundle(isShell ? SHELL_LEVEL : Integer.parseInt(matcher.group(1)), jar, isShell);
    }

    /** Where the framework finds it: the file itself, of which it makes no copy. */
    String location() {
        return "reference:" + jar.toUri();
    }
}
