// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JarContentTest {
    @TempDir
    Path folder;

    @Test
    void aWholeBundleIsReadAndCopied() throws Exception {
        Path jar = Jar.bundle("org.x;singleton:=true", "1.2.3").writeTo(folder.resolve("x.jar"));

        JarContent content = JarContent.read(jar, copy());

        assertThat(content.symbolicName()).isEqualTo("org.x");
        assertThat(content.version()).isEqualTo(new Version(1, 2, 3));
        assertThat(content.file()).hasSameBinaryContentAs(jar);
        assertThat(content.digest()).matches("[0-9a-f]{64}");
    }

    @Test
    void cutAnywhereItIsPartial() throws Exception {
        byte[] whole = Jar.bundle("org.x", "1.0.0").bytes();
        for (int length = 0; length < whole.length; length++) {
            Path jar = Files.write(folder.resolve("cut.jar"), Arrays.copyOf(whole, length));

            assertThatThrownBy(() -> JarContent.read(jar, copy()))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(JarContent.Partial.class);
        }
    }

    @Test
    void aNewBeginningWithTheOldEndIsPartial() throws Exception {
        byte[] content = "a text long enough to be stored in more than a few bytes".getBytes(StandardCharsets.UTF_8);
        byte[] jar = Jar.bundle("org.x", "1.0.0")
                .entry("data.txt", new String(content, StandardCharsets.UTF_8))
                .bytes();
        jar[jar.length / 2] ^= 0x55; // somewhere in an entry: the zip's end is in order

        assertThatThrownBy(() -> JarContent.read(Files.write(folder.resolve("x.jar"), jar), copy()))
                .isInstanceOf(JarContent.Partial.class);
    }

    @Test
    void whatDoesNotBeginAsAZipIsNoJar() {
        assertRefused("<html>404</html>".getBytes(StandardCharsets.UTF_8), "it is no jar");
    }

    @Test
    void aJarWithoutSymbolicNameIsNoBundle() {
        assertRefused(Jar.plain().entry("a", "b").bytes(), "no Bundle-SymbolicName", "build it with bnd");
    }

    @Test
    void aManifestOfTheFirstVersionIsRefused() {
        assertRefused(Jar.plain().header("Bundle-SymbolicName", "org.x").bytes(), "no 'Bundle-ManifestVersion: 2'");
    }

    @Test
    void aSymbolicNameThatCouldBeAPathIsRefused() {
        assertRefused(Jar.bundle("../org.x", "1.0.0").bytes(), "'../org.x'", "as in org.example.app");
    }

    @Test
    void aBadVersionIsQuoted() {
        assertRefused(Jar.bundle("org.x", "1.0-SNAPSHOT").bytes(), "'1.0-SNAPSHOT' is no version", "1.2.3");
    }

    private void assertRefused(byte[] bytes, String... parts) {
        assertThatThrownBy(() -> JarContent.read(Files.write(folder.resolve("x.jar"), bytes), copy()))
                .isInstanceOf(JarContent.Refusal.class)
                .isNotInstanceOf(JarContent.Partial.class)
                .satisfies(refusal -> assertThat(refusal.getMessage()).contains(parts));
    }

    private Path copy() throws IOException {
        return folder.resolve("copy.jar");
    }
}
