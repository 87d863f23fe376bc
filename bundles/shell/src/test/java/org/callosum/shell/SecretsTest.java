// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Nothing in here is anybody's key. */
class SecretsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "db.passwd",
                "apiKey",
                "api_key",
                "client.secret",
                "accessToken",
                "key",
                "private.key",
                "Authorization",
                "keystore.passphrase",
                "credentials"
            })
    void aSettingOfSuchANameIsLeftOut(String name) {
        assertThat(Secrets.value(name, "5")).isEqualTo("<hidden>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeoutMillis", "socket", "allowedUsers", "service.pid", "keyboard", "workers"})
    void anyOtherSettingStays(String name) {
        assertThat(Secrets.value(name, "/home/me/journal 64")).isEqualTo("/home/me/journal 64");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a password=hunter2 b | a password=<hidden> b",
                "{\"token\":\"abc\",\"n\":1} | {\"token\":<hidden>,\"n\":1}",
                "Authorization: Bearer abcdefgh | Authorization: <hidden>",
                "sent Bearer abcdefgh1234 there | sent Bearer <hidden> there",
                "https://me:pass@host/path | https://<hidden>@host/path",
                "uses sk-abcdefghijkl1234 now | uses <hidden> now",
                "is dGhpcyBpcyBub3QgYSBrZXkgYXQgYWxs1x8Q= | is <hidden>",
                "is 0123456789abcdef0123456789abcdef | is <hidden>"
            })
    void whatLooksLikeOneIsLeftOutOfAText(String text, String left) {
        assertThat(Secrets.text(text)).isEqualTo(left);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "    at org.example.TokenStore.read(TokenStore.java:42)",
                "    at java.base@17.0.15/java.util.concurrent.locks.AbstractQueuedSynchronizer.acquire(Unknown Source)",
                "org.callosum.core.dispatch.SerialDispatcher$$Lambda$172/0x00007f1b2c0a1d20",
                "2026-01-01T10:15:30.250Z INFO org.callosum.bus Attached to the bus at /home/me/journal/health/callosum.sock",
                "observe/observed 143022_300 20260101",
                "ThisIsQuiteALongNameOfAHandlerWithoutAnyDigit"
            })
    void whatIsNoneStays(String text) {
        assertThat(Secrets.text(text)).isEqualTo(text);
    }

    @Test
    void whatWasLeftOutOnceStaysAsItIs() {
        assertThat(Secrets.text("test.password = " + Secrets.value("test.password", "5")))
                .isEqualTo("test.password = <hidden>");
    }

    @Test
    void aKeyOfManyLinesIsLeftOutAsAWhole() {
        assertThat(Secrets.text("a\n-----BEGIN PRIVATE KEY-----\nabc\ndef\n-----END PRIVATE KEY-----\nb"))
                .isEqualTo("a\n<hidden>\nb");
        assertThat(Secrets.text("a\n-----BEGIN PRIVATE KEY-----\nabc")).isEqualTo("a\n<hidden>");
    }
}
