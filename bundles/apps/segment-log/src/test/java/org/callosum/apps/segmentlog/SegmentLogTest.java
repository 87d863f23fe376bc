// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.segmentlog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.callosum.api.EventContext;
import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.journal.Journal;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class SegmentLogTest {
    @TempDir
    Path temp;

    private final RecordingLogger log = new RecordingLogger();
    private Path root;
    private Path segment;
    private SegmentLog app;

    @BeforeEach
    void startWithTwoSegments() throws IOException {
        root = temp.resolve("journal");
        segment = Files.createDirectories(root.resolve("chronicle/20260101/120000_300"));
        Files.createDirectories(root.resolve("chronicle/20260101/mic.left/120000_300"));
        app = new SegmentLog(new Journal(root), log.logger());
    }

    @Test
    void anEventOfASegmentIsALineInItsFolder() throws IOException {
        handle("{\"tract\":\"observe\",\"event\":\"detected\",\"day\":\"20260101\",\"segment\":\"120000_300\"}");
        handle("{\"tract\":\"think\",\"event\":\"started\",\"day\":\"20260101\",\"segment\":\"120000_300\",\"n\":[1]}");

        assertThat(segment.resolve("events.jsonl"))
                .hasContent("{\"tract\":\"observe\",\"event\":\"detected\",\"day\":\"20260101\","
                        + "\"segment\":\"120000_300\"}\n"
                        + "{\"tract\":\"think\",\"event\":\"started\",\"day\":\"20260101\","
                        + "\"segment\":\"120000_300\",\"n\":[1]}\n");
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void anEventOfAStreamsSegmentGoesThere() throws IOException {
        handle(message("20260101", "120000_300", "mic.left").toJson());

        assertThat(root.resolve("chronicle/20260101/mic.left/120000_300/events.jsonl"))
                .isNotEmptyFile();
        assertThat(segment).isEmptyDirectory();
    }

    @Test
    void aStreamThatIsNullIsNone() throws IOException {
        handle(
                "{\"tract\":\"observe\",\"event\":\"e\",\"day\":\"20260101\",\"segment\":\"120000_300\",\"stream\":null}");

        assertThat(segment.resolve("events.jsonl")).isNotEmptyFile();
    }

    @Test
    void theLineIsTheMessageAsItCame() throws IOException {
        String frame = "{ \"tract\":\"think\", \"event\":\"e\",\t\"day\":\"20260101\",\"segment\":\"120000_300\","
                + "\"n\":[1.0,12345678901234567890,1e400,NaN],\"s\":\"\\u2028ü😀\\ud800\",\"s\":null }";

        handleFrame(frame);

        assertThat(segment.resolve("events.jsonl")).hasContent(frame + "\n");
    }

    @Test
    void aCarriageReturnInTheFrameEndsNoLine() throws IOException {
        handleFrame("{\"tract\":\"think\",\r\"event\":\"e\",\"day\":\"20260101\",\"segment\":\"120000_300\"}\r");

        assertThat(segment.resolve("events.jsonl"))
                .hasContent(
                        "{\"tract\":\"think\", \"event\":\"e\",\"day\":\"20260101\",\"segment\":\"120000_300\"} \n");
    }

    @Test
    void aLineThatACrashCutOffSpoilsNoOther() throws IOException {
        Path events = Files.writeString(segment.resolve("events.jsonl"), "{\"tract\":\"obs");

        handle(message("20260101", "120000_300", null).toJson());

        assertThat(Files.readAllLines(events)).hasSize(2).last().satisfies(line -> assertThat(Json.parseObject(line))
                .containsEntry("segment", "120000_300"));
    }

    @ParameterizedTest
    @CsvSource({"20260102,120000_300,", "20260101,120001_300,", "20260101,120000_300,other"})
    void whereThereIsNoFolderNothingIsWritten(String day, String name, String stream) throws IOException {
        List<String> before = everything();

        handle(message(day, name, stream).toJson());

        assertThat(everything()).isEqualTo(before);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aFileInTheFoldersPlaceIsNoFolder() throws IOException {
        Files.createFile(root.resolve("chronicle/20260101/130000_300"));

        handle(message("20260101", "130000_300", null).toJson());

        assertThat(root.resolve("chronicle/20260101/130000_300")).isEmptyFile();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aJournalThatIsNotThereYetIsNoTrouble() throws IOException {
        new SegmentLog(new Journal(temp.resolve("none")), log.logger())
                .handle(new EventContext(message("20260101", "120000_300", null), "segment-log"));

        assertThat(temp.resolve("none")).doesNotExist();
        assertThat(log.lines()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'day':'20260101'}",
                "{'segment':'120000_300'}",
                "{'day':null,'segment':'120000_300'}",
                "{'day':'20260101','segment':null}",
                "{'day':'..','stream':'..'}"
            })
    void anEventWithoutADayOrASegmentIsOrdinary(String fields) throws IOException {
        List<String> before = everything();

        handle(fields.replace('\'', '"'));

        assertThat(everything()).isEqualTo(before);
        assertThat(log.lines()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'', 120000_300, , day",
        ".., 120000_300, , day",
        "/etc, 120000_300, , day",
        "2026-01-01, 120000_300, , day",
        "20260101/../20260101, 120000_300, , day",
        "20260101, '', , segment",
        "20260101, .., , segment",
        "20260101, 120000, , segment",
        "20260101, ../20260101/120000_300, , segment",
        "20260101, 120000_300, '', stream",
        "20260101, 120000_300, ., stream",
        "20260101, 120000_300, .., stream",
        "20260101, 120000_300, ../20260101, stream",
        "20260101, 120000_300, /, stream",
        "20260101, 120000_300, .hidden, stream",
        "20260101, 120000_300, Mic, stream",
        "20260101, 120000_300, mic left, stream"
    })
    void aMalformedNameIsAWarningAndTouchesNothing(String day, String name, String stream, String culprit)
            throws IOException {
        List<String> before = everything();

        handle(message(day, name, stream).toJson());

        assertThat(everything()).isEqualTo(before);
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN observe/detected is not kept: Field '" + culprit + "' is '")
                .contains(" [tract=observe event=detected reason=\"Field '" + culprit + "' is '");
    }

    @Test
    void namesThatNoFolderCouldHaveAreAWarningToo() throws IOException {
        List<String> before = everything();

        handle(message("20260101\u0000", "120000_300", null).toJson());
        handle(message("20260101", "120000_300", "a".repeat(1_000_000)).toJson());
        handle(message("20260101", "120000_300", "mic\nWARN all is lost").toJson());
        handle("{\"tract\":\"observe\",\"event\":\"e\",\"day\":2026.5,\"segment\":\"120000_300\"}");
        handle("{\"tract\":\"observe\",\"event\":\"e\",\"day\":\"20260101\",\"segment\":{\"a\":1}}");

        assertThat(everything()).isEqualTo(before);
        assertThat(log.warnings()).hasSize(5).allSatisfy(line -> assertThat(line)
                .doesNotContain("\n")
                .doesNotContain("\u0000")
                .hasSizeLessThan(700));
    }

    @Test
    void aFloodOfMalformedNamesDoesNotFloodTheLog() throws IOException {
        for (int i = 0; i < 10_000; i++) {
            handle(message("..", "120000_300", null).toJson());
        }

        assertThat(log.lines()).hasSizeLessThan(20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chronicle",
                "chronicle/20260101",
                "chronicle/20260101/mic.left",
                "chronicle/20260101/mic.left/120000_300",
                "chronicle/20260101/mic.left/120000_300/events.jsonl"
            })
    void aSymbolicLinkIsAWarningAndNotFollowed(String link) throws IOException {
        Files.createFile(root.resolve("chronicle/20260101/mic.left/120000_300/events.jsonl"));
        Path elsewhere = temp.resolve("elsewhere");
        Files.move(root.resolve(link), elsewhere);
        Files.createSymbolicLink(root.resolve(link), elsewhere);
        List<String> before = everything();

        handle(message("20260101", "120000_300", "mic.left").toJson());

        assertThat(everything()).isEqualTo(before);
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN observe/detected is not kept: " + root.resolve(link)
                        + ": is a symbolic link: none is followed below the journal's root [tract=observe event=detected"
                        + " reason=");
    }

    @Test
    void theJournalItselfMayBeALink() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), root);

        new SegmentLog(new Journal(link), log.logger())
                .handle(new EventContext(message("20260101", "120000_300", null), "segment-log"));

        assertThat(segment.resolve("events.jsonl")).isNotEmptyFile();
    }

    private static Message message(String day, String segment, String stream) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("day", day);
        fields.put("segment", segment);
        if (stream != null) {
            fields.put("stream", stream);
        }
        return Message.of("observe", "detected", fields);
    }

    private void handle(String json) throws IOException {
        app.handle(new EventContext(Message.parse(json), "segment-log"));
    }

    private void handleFrame(String frame) throws IOException {
        app.handle(
                new EventContext(Message.ofFrame("think", "e", frame.getBytes(StandardCharsets.UTF_8)), "segment-log"));
    }

    /** All paths of the test, with what is in the files. */
    private List<String> everything() throws IOException {
        List<String> found = new ArrayList<>();
        try (var paths = Files.walk(temp)) {
            for (Path path : paths.sorted().toList()) {
                found.add(path + (Files.isRegularFile(path) ? "=" + Files.readString(path) : ""));
            }
        }
        return found;
    }
}
