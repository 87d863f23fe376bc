// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.lang.reflect.Proxy;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.BundleContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class JournalTest {
    @Test
    void theFrameworkPropertyNamesThePlace() {
        assertThat(Journal.of(contextWith("/somewhere/else/../journal")).root())
                .isEqualTo(Path.of("/somewhere/journal"));
    }

    @Test
    void withoutThePropertyTheEnvironmentOrTheWorkingFolderDoes() {
        String variable = System.getenv(Journal.VARIABLE);
        Path expected = Path.of(variable == null || variable.isEmpty() ? "journal" : variable)
                .toAbsolutePath()
                .normalize();

        assertThat(Journal.of(contextWith(null)).root()).isEqualTo(expected);
        assertThat(Journal.of(contextWith("")).root()).isEqualTo(expected);
    }

    @Test
    void aFolderIsBelowTheRoot() {
        Journal journal = new Journal(Path.of("/j"));

        assertThat(journal.folder("chronicle", "20260101").path()).isEqualTo(Path.of("/j/chronicle/20260101"));
        assertThat(journal.folder("a").folder("b")).hasToString("/j/a/b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "/", "/etc", "a/b", "a/", "../x", "a\u0000b"})
    void whatIsNotASingleNameIsNoFolder(String name) {
        Journal journal = new Journal(Path.of("/j"));

        assertThatIllegalArgumentException().isThrownBy(() -> journal.folder(name));
        assertThatIllegalArgumentException().isThrownBy(() -> journal.folder("a", name));
        assertThat(JournalFolder.isName(name)).isFalse();
    }

    @Test
    void aNameHas255BytesAtMost() {
        assertThat(JournalFolder.isName("a".repeat(255))).isTrue();
        assertThat(JournalFolder.isName("a".repeat(256))).isFalse();
    }

    private static BundleContext contextWith(String place) {
        return (BundleContext) Proxy.newProxyInstance(
                JournalTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> Journal.PROPERTY.equals(arguments[0]) ? place : null);
    }
}
