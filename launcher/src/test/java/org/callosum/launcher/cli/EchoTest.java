// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import org.callosum.api.Message;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class EchoTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "``                 | ``",
                "``                 | ,\"ts\":1",
                ",\"ts\":1          | ,\"ts\":1",
                ",\"ts\":null       | ,\"ts\":null",
                ",\"n\":1,\"m\":2   | ,\"m\": 2, \"ts\": 1, \"n\": 1",
                ",\"n\":1.0         | ,\"n\":1.0",
                ",\"n\":1e2         | ,\"n\":100.0",
                ",\"n\":1e400       | ,\"n\":Infinity",
                ",\"n\":NaN         | ,\"n\":NaN",
                ",\"n\":0.30000000000000000001 | ,\"n\":0.3",
                ",\"n\":12345678901234567890 | ,\"n\":12345678901234567890",
                ",\"s\":\"ü\"       | ,\"s\":\"\\u00fc\"",
                ",\"s\":\"\\ud800\" | ,\"s\":\"\\ud800\"",
                ",\"a\":1,\"a\":2   | ,\"a\":2",
                ",\"o\":{\"l\":[1,null,{\"x\":1.5}]} | ,\"o\":{\"l\":[1,null,{\"x\":1.50}]}"
            })
    void whatSaysTheSameIsAnEcho(String sent, String heard) {
        assertThat(Echo.isEcho(message(sent), message(heard))).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                ",\"n\":1           | ``",
                "``                 | ,\"n\":1",
                ",\"n\":1           | ,\"n\":2",
                ",\"n\":1           | ,\"m\":1",
                ",\"n\":1           | ,\"n\":\"1\"",
                ",\"n\":null        | ,\"m\":null",
                ",\"n\":1           | ,\"n\":true",
                ",\"ts\":1          | ,\"ts\":2",
                ",\"ts\":1          | ``",
                ",\"n\":9007199254740993 | ,\"n\":9007199254740992",
                ",\"n\":12345678901234567890 | ,\"n\":12345678901234567891",
                ",\"l\":[1,2]       | ,\"l\":[2,1]",
                ",\"l\":[1,2]       | ,\"l\":[1]",
                ",\"o\":{\"a\":1}   | ,\"o\":{\"a\":1,\"ts\":1}"
            })
    void whatSaysSomethingElseIsNone(String sent, String heard) {
        assertThat(Echo.isEcho(message(sent), message(heard))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"x,b", "a,x", "b,a"})
    void whatGoesElsewhereIsNone(String tract, String event) {
        Message heard = Message.parse("{\"tract\":\"" + tract + "\",\"event\":\"" + event + "\"}");

        assertThat(Echo.isEcho(message(""), heard)).isFalse();
    }

    private static Message message(String more) {
        return Message.parse("{\"tract\":\"a\",\"event\":\"b\"" + more + "}");
    }
}
