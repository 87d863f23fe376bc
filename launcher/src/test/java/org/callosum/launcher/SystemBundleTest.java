// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SystemBundleTest {
    @TempDir
    Path system;

    @BeforeEach
    void createJars() throws IOException {
        Files.createFile(system.resolve("a.jar"));
        Files.createFile(system.resolve("b.jar"));
    }

    @Test
    void theListKeepsItsOrderAndLeavesCommentsOut() throws Exception {
        write("# first", "", "3 b.jar # because", "  shell   a.jar");

        assertThat(SystemBundle.list(system))
                .containsExactly(
                        new SystemBundle(3, system.resolve("b.jar"), false),
                        new SystemBundle(19, system.resolve("a.jar"), true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jar", "x a.jar", "3 ../a.jar", "3 a.zip", "3 a.jar b.jar"})
    void aLineThatNamesNoBundleIsQuoted(String line) throws IOException {
        write(line);

        assertThatThrownBy(() -> SystemBundle.list(system))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("'" + line + "'");
    }

    @Test
    void aMissingJarIsNamed() throws IOException {
        write("3 c.jar");

        assertThatThrownBy(() -> SystemBundle.list(system))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("'" + system.resolve("c.jar") + "' is missing")
                .hasMessageContaining("unpack it again");
    }

    private void write(String... lines) throws IOException {
        Files.write(system.resolve(SystemBundle.ORDER), java.util.List.of(lines));
    }
}
