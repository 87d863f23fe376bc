// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.nio.file.Files;
import java.nio.file.Path;

import org.callosum.update.Jar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class TakenJarsTest {
    @TempDir
    Path folder;

    @Test
    void whatWasTakenIsKnownAfterARestart() throws Exception {
        Path jar = Jar.bundle("a", "1").writeTo(folder.resolve("a b=ü.jar"));
        taken().put(jar, TakenJars.stamp(jar), "digest");

        assertThat(taken().isTaken(jar, TakenJars.stamp(jar))).isTrue();
        assertThat(taken().digest(jar)).contains("digest");
    }

    @Test
    void aTouchedJarIsNotTakenButItsDigestIsKnown() throws Exception {
        Path jar = Jar.bundle("a", "1").writeTo(folder.resolve("a.jar"));
        taken().put(jar, TakenJars.stamp(jar), "digest");

        Jar.touch(jar);

        assertThat(taken().isTaken(jar, TakenJars.stamp(jar))).isFalse();
        assertThat(taken().digest(jar)).contains("digest");
    }

    @Test
    void whatWasRemovedIsForgotten() throws Exception {
        Path jar = Jar.bundle("a", "1").writeTo(folder.resolve("a.jar"));
        taken().put(jar, TakenJars.stamp(jar), "digest");
        taken().remove(jar);

        assertThat(taken().digest(jar)).isEmpty();
    }

    @Test
    void aFileThatCannotBeReadIsAsGoodAsNone() throws Exception {
        Files.writeString(folder.resolve("taken.properties"), "\\u12");

        assertThat(taken().digest(folder.resolve("a.jar"))).isEmpty();
    }

    private TakenJars taken() {
        return new TakenJars(folder.resolve("taken.properties"));
    }
}
