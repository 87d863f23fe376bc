// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.callosum.bus.FrameScanner.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class FrameScannerTest {
    private final FrameScanner scanner = new FrameScanner();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tract\":\"a\",\"event\":\"b\"}",
                " \t\r{\"tract\":\"a\",\"event\":\"b\"} \t\r",
                "{ \"event\" :\t\"b\" , \"tract\"\r:\"a\" }",
                "{\"tr\\u0061ct\":\"a\",\"\\u0065vent\":\"b\"}",
                "{\"tract\":\"\\u0061\",\"event\":\"b\"}",
                "{\"tract\":\"x\",\"event\":\"y\",\"tract\":\"a\",\"event\":\"b\"}",
                "{\"tract\":1,\"event\":[],\"tract\":\"a\",\"event\":\"b\"}",
                "{\"\":1,\"tract\":\"a\",\"event\":\"b\"}",
                "{\"\":{\"\":\"\"},\"tract\":\"a\",\"event\":\"b\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\\ud800\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\\udc00\\ud800\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"\\ud800\":1}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\\u0000\\n\\/\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\u007f\u0085\u2028\ufeff\uffff\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":[NaN,Infinity,-Infinity]}",
                "{\"tract\":\"a\",\"event\":\"b\",\"NaN\":NaN}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":[1.0,1e400,-0,0.0,1E+2,123456789012345678901234567890]}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":1e99999999999}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":{\"tract\":1,\"event\":null}}",
                "{\"x\":{\"ts\":1},\"tract\":\"a\",\"event\":\"b\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":[true,false,null,{},[]]}",
            })
    void isAFrameOfAAndB(String line) {
        assertThat(scan(line)).as(() -> String.valueOf(scanner.reason())).isEqualTo(Verdict.FRAME);
        assertThat(scanner.tract()).isEqualTo("a");
        assertThat(scanner.event()).isEqualTo("b");
        assertThat(scanner.hasTs()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "}",
                "[]",
                "\"tract\"",
                "1",
                "null",
                "{}",
                "{}{}",
                "tract",
                "SCLP{\"tract\":\"a\",\"event\":\"b\"}",
                "SCLP",
                "{\"tract\":\"a\"}",
                "{\"event\":\"b\"}",
                "{\"tract\":\"a\",\"event\":null}",
                "{\"tract\":1,\"event\":\"b\"}",
                "{\"tract\":[\"a\"],\"event\":\"b\"}",
                "{\"tract\":{\"tract\":\"a\"},\"event\":\"b\"}",
                "{\"x\":{\"tract\":\"a\",\"event\":\"b\"}}",
                "{\"Tract\":\"a\",\"Event\":\"b\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"tract\":1}",
                "{\"tract\":\"a\",\"event\":\"b\",\"event\":null}",
                "{\"tract\":\"a\",\"event\":\"b\"}{}",
                "{\"tract\":\"a\",\"event\":\"b\"}{\"tract\":\"a\",\"event\":\"b\"}",
                "{\"tract\":\"a\",\"event\":\"b\"} x",
                "{\"tract\":\"a\",\"event\":\"b\"},",
                "{\"tract\":\"a\",\"event\":\"b\"}}",
                "{\"tract\":\"a\",\"event\":\"b\",}",
                "{\"tract\":\"a\" \"event\":\"b\"}",
                "{\"tract\":\"a\",,\"event\":\"b\"}",
                "{tract:\"a\",\"event\":\"b\"}",
                "{'tract':'a','event':'b'}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":INF}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":-INF}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":+INF}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":+Infinity}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":[[{\"y\":INF}]]}",
                "{\"tract\":\"a\",\"event\":\"b\",\"ts\":INF}",
                "{\"tract\":INF,\"event\":\"b\",\"tract\":\"a\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":-NaN}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":+NaN}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":nan}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":infinity}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":01}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":+1}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":.5}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":1.}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":1e}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":-}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":0x1}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":1 2}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":True}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":nulll}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\\x\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\\u12g4\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\\ud8\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\t\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\u0000\"}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\t\":1}",
                "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"\u001f\"}",
                "{\"tract\":\"a\",\"event\":\"b\"/**/}",
                "{\"tract\":\"a\",\"event\":\"b\"} // x",
                "{\"tract\":\"a\",\"event\":\"b\"}\f",
                "\u00a0{\"tract\":\"a\",\"event\":\"b\"}",
                "{\u00a0\"tract\":\"a\",\"event\":\"b\"}",
                "{\"tract\":\"a\",\"event\":\"b\"\u0000}",
                "{\"tract\":\"a\",\"event\":\"b\"}\u0000",
                "\ufeff{\"tract\":\"a\",\"event\":\"b\"}",
                "{\ufeff\"tract\":\"a\",\"event\":\"b\"}",
            })
    void isInvalid(String line) {
        assertThat(scan(line)).isEqualTo(Verdict.INVALID);
        assertThat(scanner.reason()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\r", "\t \r", "                         "})
    void isBlank(String line) {
        assertThat(scan(line)).isEqualTo(Verdict.BLANK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1.5", "null", "\"x\"", "[]", "{}", "false", "NaN"})
    void aTimeStampOfAnyTypeIsOne(String value) {
        assertThat(scan("{\"ts\":" + value + ",\"tract\":\"a\",\"event\":\"b\"}"))
                .isEqualTo(Verdict.FRAME);
        assertThat(scanner.hasTs()).isTrue();
    }

    @Test
    void aKeyOfTheTimeStampMayBeEscaped() {
        assertThat(scan("{\"\\u0074s\":null,\"tract\":\"a\",\"event\":\"b\"}")).isEqualTo(Verdict.FRAME);
        assertThat(scanner.hasTs()).isTrue();
    }

    @Test
    void namesOfAllPlanesAreDecoded() {
        assertThat(scan("{\"tract\":\"é€😀\",\"event\":\"\\u00e9\\ud83d\\ude00\"}"))
                .isEqualTo(Verdict.FRAME);
        assertThat(scanner.tract()).isEqualTo("é€😀");
        assertThat(scanner.event()).isEqualTo("é😀");
    }

    @Test
    void anAnswerDoesNotOutliveItsLine() {
        scan("{\"tract\":\"a\",\"event\":\"b\",\"ts\":1}");
        assertThat(scan("{\"event\":\"b\"}")).isEqualTo(Verdict.INVALID);
        assertThat(scan("{\"tract\":\"c\",\"event\":\"d\"}")).isEqualTo(Verdict.FRAME);
        assertThat(scanner.tract()).isEqualTo("c");
        assertThat(scanner.hasTs()).isFalse();
        assertThat(scanner.reason()).isNull();
    }

    @Test
    void whiteSpaceAroundIsNotOfTheFrame() {
        byte[] line = "xx \r{\"tract\":\"a\",\"event\":\"b\"}\t\ryy".getBytes(StandardCharsets.US_ASCII);

        assertThat(scanner.scan(line, 2, line.length - 2)).isEqualTo(Verdict.FRAME);

        assertThat(new String(line, scanner.start(), scanner.end() - scanner.start(), StandardCharsets.US_ASCII))
                .isEqualTo("{\"tract\":\"a\",\"event\":\"b\"}");
    }

    /** The Unicode standard's table 3-7, at and beyond each edge. */
    @ParameterizedTest
    @CsvSource({
        "00, false",
        "7f, true",
        "80, false",
        "bf, false",
        "c080, false",
        "c1bf, false",
        "c280, true",
        "dfbf, true",
        "c27f, false",
        "c2c0, false",
        "c2, false",
        "e09fbf, false",
        "e0a080, true",
        "e0bfbf, true",
        "e18080, true",
        "ecbfbf, true",
        "ed8080, true",
        "ed9fbf, true",
        "eda080, false",
        "edafbf, false",
        "edb080, false",
        "edbfbf, false",
        "eda0bdedb8b2, false",
        "ee8080, true",
        "efbfbf, true",
        "efbfbe, true",
        "e180, false",
        "e1, false",
        "e180c0, false",
        "f08fbfbf, false",
        "f0908080, true",
        "f3bfbfbf, true",
        "f4808080, true",
        "f48fbfbf, true",
        "f4908080, false",
        "f5808080, false",
        "f8888080, false",
        "fc8480808080, false",
        "fe, false",
        "ff, false",
        "f09080, false",
        "f090, false",
        "f0, false",
        "efbbbf, true",
        "c3a9, true",
        "c3a9c3, false",
        "fffe, false",
        "f0908080c2, false"
    })
    void bytesAreUtf8(String hex, boolean isValid) {
        byte[] head = "{\"tract\":\"a\",\"event\":\"b\",\"x\":\"".getBytes(StandardCharsets.US_ASCII);
        byte[] middle = HexFormat.of().parseHex(hex);
        byte[] line = new byte[head.length + middle.length + 2];
        System.arraycopy(head, 0, line, 0, head.length);
        System.arraycopy(middle, 0, line, head.length, middle.length);
        line[line.length - 2] = '"';
        line[line.length - 1] = '}';

        assertThat(scanner.scan(line, 0, line.length)).isEqualTo(isValid ? Verdict.FRAME : Verdict.INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
    void otherEncodingsAreInvalid(String charset) throws Exception {
        byte[] line = "{\"tract\":\"a\",\"event\":\"b\"}".getBytes(charset);

        assertThat(scanner.scan(line, 0, line.length)).isEqualTo(Verdict.INVALID);
    }

    @ParameterizedTest
    @CsvSource({"1000, FRAME", "1001, INVALID", "100000, INVALID"})
    void nestingIsLimited(int depth, Verdict verdict) {
        int inner = depth - 1; // the frame's own object is the first level
        String arrays = "[".repeat(inner) + "]".repeat(inner);
        String objects = "{\"k\":".repeat(inner) + "1" + "}".repeat(inner);

        assertThat(scan("{\"tract\":\"a\",\"event\":\"b\",\"x\":" + arrays + "}"))
                .isEqualTo(verdict);
        assertThat(scan("{\"tract\":\"a\",\"event\":\"b\",\"x\":" + objects + "}"))
                .isEqualTo(verdict);
        assertThat(scan("{\"x\":" + arrays + ",\"tract\":\"a\",\"event\":\"b\"}"))
                .isEqualTo(verdict);
    }

    @Test
    void lengthsWithinAFrameAreNotLimited() {
        int length = 8 * 1024 * 1024;
        String digits = "1".repeat(length);

        assertThat(scan("{\"tract\":\"a\",\"event\":\"b\",\"x\":" + digits + "}"))
                .isEqualTo(Verdict.FRAME);
        assertThat(scan("{\"tract\":\"a\",\"event\":\"b\",\"x\":0." + digits + "}"))
                .isEqualTo(Verdict.FRAME);
        assertThat(scan("{\"tract\":\"a\",\"event\":\"b\",\"" + digits + "\":1}"))
                .isEqualTo(Verdict.FRAME);
        assertThat(scan("{\"tract\":\"" + digits + "\",\"event\":\"b\"}")).isEqualTo(Verdict.FRAME);
        assertThat(scanner.tract()).hasSize(length);
    }

    @Test
    void aFrameThatIsCutIsInvalidAtEveryByte() {
        String frame = "{\"tract\":\"é\",\"event\":\"b\",\"x\":[1,{\"y\":-1.5e3}],\"z\":true}";
        byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
        for (int end = 1; end < bytes.length; end++) {
            assertThat(scanner.scan(bytes, 0, end)).as("%d bytes", end).isEqualTo(Verdict.INVALID);
        }
    }

    private Verdict scan(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return scanner.scan(bytes, 0, bytes.length);
    }
}
