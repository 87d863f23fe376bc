// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.util.List;
import java.util.Map;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** A message as it came from the bus has the same fields as the one that is decoded at once. */
class MessageFrameTest {
    private static final List<String> NAMES =
            List.of("a", "ab", "b", "", "last", "ä", "日本", "😀", "a\"b", "a\\b", "\u0001", "tract", "a".repeat(80));

    @Provide
    Arbitrary<Object> values() {
        Arbitrary<Object> plain = Arbitraries.oneOf(
                Arbitraries.of(NAMES).map(name -> name),
                Arbitraries.longs().map(number -> number),
                Arbitraries.of(true, false).map(truth -> truth));
        return Arbitraries.oneOf(
                plain,
                plain.list().ofMaxSize(3).map(list -> list),
                Arbitraries.maps(Arbitraries.of(NAMES), plain).ofMaxSize(3).map(map -> map));
    }

    @Provide
    Arbitrary<Map<String, Object>> objects() {
        return Arbitraries.maps(Arbitraries.of(NAMES), values()).ofMaxSize(4);
    }

    @Property
    void eachGetterGivesWhatTheDecodedMessageGives(@ForAll("objects") Map<String, Object> fields) {
        String json = Json.write(fields);
        Message decoded = Message.parse(json);
        for (String name : NAMES) {
            assertThat(framed(json).string(name)).as("%s of %s", name, json).isEqualTo(decoded.string(name));
            assertThat(framed(json).longNumber(name)).as("%s of %s", name, json).isEqualTo(decoded.longNumber(name));
            assertThat(framed(json).bool(name)).as("%s of %s", name, json).isEqualTo(decoded.bool(name));
            assertThat(framed(json).list(name)).as("%s of %s", name, json).isEqualTo(decoded.list(name));
            assertThat(framed(json).message(name)).as("%s of %s", name, json).isEqualTo(decoded.message(name));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"l\\u0061st\":true}; true", // the key is not there to the letter
                "{\"last\":false,\"last\":true}; true",
                "{\"text\":\"last\",\"in\":{\"last\":true}}; ``",
                "{ \"last\" : true }; true",
                "{\"las\":true,\"lastly\":true,\"xlast\":true}; ``",
                "{}; ``",
                "{\"last\":true}; true"
            })
    void aFieldIsFoundHoweverItIsWritten(String json, String expected) {
        assertThat(framed(json).bool("last").map(String::valueOf).orElse("")).isEqualTo(expected);
    }

    @Test
    void aFieldThatIsNotThereCostsNoDecoding() {
        Message broken =
                framed("{\"a\":1, and this is no JSON}"); // a transport checks frames, so this shows who decodes

        assertThat(broken.bool("last")).isEmpty();
        assertThat(broken.ts()).isEmpty();
    }

    private static Message framed(String json) {
        return Message.ofFrame("a", "b", json.getBytes(UTF_8));
    }
}
