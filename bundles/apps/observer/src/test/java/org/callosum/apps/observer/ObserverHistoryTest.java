// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.observer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Callosum;
import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(30)
class ObserverHistoryTest {
    private static final long NOW = 1_767_225_600_123L;
    private static final String FINGERPRINT = "0123456789abcdef".repeat(4);

    /** As the original writes it, with fields that this app does not know. */
    private static final String RECORD =
            """
            {
              "key": "abcd1234-the-rest-is-secret",
              "name": "desk",
              "created_at": 1767000000000,
              "last_seen": null,
              "ratio": 1.0,
              "serial": 12345678901234567890,
              "place": "B\\u00fcro",
              "tags": [
                "a",
                {}
              ],
              "none": [],
              "stats": {
                "segments_received": 7,
                "segments_observed": 2,
                "bytes": 99999999999
              },
              "enabled": true
            }""";

    @TempDir
    Path temp;

    private final RecordingLogger log = new RecordingLogger();
    private final List<Message> emitted = new ArrayList<>();
    private Path root;
    private Path observers;
    private ObserverHistory app;

    @BeforeEach
    void startWithAnEmptyJournal() throws IOException {
        root = Files.createTempDirectory(temp, "journal");
        observers = root.resolve("apps/observer/observers");
        app = appThatEmitsBy(message -> {
            emitted.add(message);
            return Emission.SENT;
        });
    }

    @Test
    void anObservedSegmentBecomesALineOfHistoryAndOneMoreInTheRecord() throws IOException {
        Path record = write("abcd1234.json", RECORD);

        observed("desk", "20260101", "120000_300");

        assertThat(observers.resolve("abcd1234/hist/20260101.jsonl"))
                .hasContent("{\"ts\":1767225600123,\"type\":\"observed\",\"segment\":\"120000_300\"}\n");
        assertThat(Files.readString(record))
                .as("all else kept: keys, their order, number text, escapes, layout")
                .isEqualTo(RECORD.replace("\"segments_observed\": 2", "\"segments_observed\": 3"));
        assertThat(emitted).isEmpty();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void aTransferredSegmentIsIndexedAsWell() throws IOException {
        Path record = write("abcd1234.json", RECORD);

        transferred("desk", "20260101", "120000_300");

        assertThat(observers.resolve("abcd1234/hist/20260101.jsonl"))
                .hasContent("{\"ts\":1767225600123,\"type\":\"transferred\",\"segment\":\"120000_300\"}\n");
        assertThat(Files.readString(record))
                .as("a count that was missing comes last")
                .isEqualTo(RECORD.replace(
                        "\"bytes\": 99999999999", "\"bytes\": 99999999999,\n    \"segments_transferred\": 1"));
        assertThat(emitted)
                .containsExactly(
                        Message.of("supervisor", "request", Map.of("cmd", List.of("journal", "indexer", "--rescan"))));
    }

    @Test
    void theRequestComesWhenHistoryAndCountAreWritten() throws IOException {
        Path record = write("abcd1234.json", RECORD);
        List<String> seen = new ArrayList<>();
        app = appThatEmitsBy(message -> {
            seen.add(Files.exists(observers.resolve("abcd1234/hist/20260101.jsonl")) ? "history" : "no history");
            seen.add(uncheckedRead(record).contains("\"segments_transferred\": 1") ? "count" : "no count");
            return Emission.SENT;
        });

        transferred("desk", "20260101", "120000_300");

        assertThat(seen).containsExactly("history", "count");
    }

    @Test
    void aRequestThatIsRefusedFailsTheHandlerSoThatItIsSeen() throws IOException {
        write("abcd1234.json", RECORD);
        app = appThatEmitsBy(message -> {
            throw new EmitRefusedException("full");
        });

        assertThatThrownBy(() -> transferred("desk", "20260101", "120000_300"))
                .isInstanceOf(EmitRefusedException.class);
    }

    @Test
    void linesOfADayAreAppendedAndEachDayHasAFile() throws IOException {
        write("abcd1234.json", RECORD);

        observed("desk", "20260101", "120000_300");
        transferred("desk", "20260101", "120000_300");
        observed("desk", "20260102", "000000_10");

        assertThat(Files.readAllLines(observers.resolve("abcd1234/hist/20260101.jsonl")))
                .extracting(line -> Json.parseObject(line).get("type"))
                .containsExactly("observed", "transferred");
        assertThat(Files.readAllLines(observers.resolve("abcd1234/hist/20260102.jsonl")))
                .hasSize(1);
    }

    @Test
    void theRewrittenRecordIsItsOwnersAloneAndNothingIsLeftBesideIt() throws IOException {
        Path record = write("abcd1234.json", RECORD);
        Files.setPosixFilePermissions(record, PosixFilePermissions.fromString("rw-r--r--"));

        observed("desk", "20260101", "120000_300");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record)))
                .isEqualTo("rw-------");
        assertThat(observers)
                .isDirectoryNotContaining(path -> path.getFileName().toString().endsWith(".tmp"));
    }

    @Test
    void aRecordWithAFingerprintIsFoundByItsFirst16Digits() throws IOException {
        write(
                "0123456789abcdef.json",
                "{\"name\":\"door\",\"fingerprint\":\"sha256:" + FINGERPRINT + "\",\"stats\":{}}");

        observed("door", "20260101", "120000_300");

        assertThat(observers.resolve("0123456789abcdef/hist/20260101.jsonl")).isNotEmptyFile();
        assertThat(stat("0123456789abcdef.json", "segments_observed")).isEqualTo(1L);
    }

    @ParameterizedTest
    @CsvSource({"1767000000000,1767000000001", "1,2.5", ",1", "'\"yesterday\"',0.1"})
    void ofTwoObserversOfOneNameTheNewerIsMeant(String older, String newer) throws IOException {
        for (boolean newerIsFirst : List.of(true, false)) {
            startWithAnEmptyJournal();
            write("aaaaaaaa.json", named("desk", "aaaaaaaa", newerIsFirst ? newer : older));
            write("bbbbbbbb.json", named("desk", "bbbbbbbb", newerIsFirst ? older : newer));

            observed("desk", "20260101", "120000_300");

            assertThat(stat("aaaaaaaa.json", "segments_observed")).isEqualTo(newerIsFirst ? 1L : null);
            assertThat(stat("bbbbbbbb.json", "segments_observed")).isEqualTo(newerIsFirst ? null : 1L);
        }
    }

    @Test
    void ofTwoAsOldAsEachOtherTheFirstFileCounts() throws IOException {
        write("bbbbbbbb.json", named("desk", "bbbbbbbb", "1"));
        write("aaaaaaaa.json", named("desk", "aaaaaaaa", "1.0"));

        observed("desk", "20260101", "120000_300");

        assertThat(stat("aaaaaaaa.json", "segments_observed")).isEqualTo(1L);
        assertThat(stat("bbbbbbbb.json", "segments_observed")).isNull();
    }

    @Test
    void aRecordThatChangesIsReadAgain() throws IOException {
        write("aaaaaaaa.json", named("desk", "aaaaaaaa", "1"));
        observed("desk", "20260101", "120000_300");
        write("aaaaaaaa.json", named("door, renamed", "aaaaaaaa", "1"));
        write("bbbbbbbb.json", named("desk", "bbbbbbbb", "1"));

        observed("desk", "20260101", "120001_300");
        observed("door, renamed", "20260101", "120002_300");
        Files.delete(observers.resolve("bbbbbbbb.json"));
        observed("desk", "20260101", "120003_300");

        assertThat(historyOf("aaaaaaaa")).containsExactly("120000_300", "120002_300");
        assertThat(historyOf("bbbbbbbb")).containsExactly("120001_300");
        assertThat(log.lines())
                .containsExactly("DEBUG There is no observer 'desk': observe/observed is not recorded"
                        + " [tract=observe event=observed observer=desk]");
    }

    @Test
    void aMessageWithoutAnObserverIsNoneOfItsBusiness() throws IOException {
        write("abcd1234.json", RECORD);

        for (Object observer : new Object[] {null, "", 7L, false, List.of("desk"), Map.of()}) {
            handle("observed", fields(observer, "20260101", "120000_300"));
            handle("observed", fields(observer, "..", ".."));
        }

        assertThat(observers.resolve("abcd1234")).doesNotExist();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void anUnknownObserverIsADebugLine() throws IOException {
        write("abcd1234.json", RECORD);

        observed("de\nsk" + "x".repeat(100_000), "20260101", "120000_300");
        transferred("Desk", "20260101", "120000_300");

        assertThat(log.lines()).hasSize(2).allSatisfy(line -> assertThat(line)
                .startsWith("DEBUG There is no observer '")
                .doesNotContain("\n")
                .hasSizeLessThan(500));
        assertThat(emitted).isEmpty();
    }

    @Test
    void aJournalWithoutObserversKnowsNone() throws IOException {
        observed("desk", "20260101", "120000_300");

        assertThat(log.lines()).singleElement().asString().startsWith("DEBUG");
        assertThat(root).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"day", "segment"})
    void aMissingDayOrSegmentIsAWarning(String field) throws IOException {
        write("abcd1234.json", RECORD);
        Map<String, Object> fields = fields("desk", "20260101", "120000_300");

        fields.put(field, null);
        handle("transferred", fields);
        fields.remove(field);
        handle("observed", fields);

        assertThat(log.lines())
                .containsExactly(
                        "WARN observe/transferred of observer 'desk' has no " + field + ": it is not recorded"
                                + " [tract=observe event=transferred observer=desk reason=\"no " + field + "\"]",
                        "WARN observe/observed of observer 'desk' has no " + field + ": it is not recorded"
                                + " [tract=observe event=observed observer=desk reason=\"no " + field + "\"]");
        assertNothingRecorded();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "..", "../../../x", "/etc", "2026010", "20260101x", "20260101/..", "20260101\u0000", "\n"})
    void aMalformedDayIsAWarningAndTouchesNothing(String day) throws IOException {
        write("abcd1234.json", RECORD);

        transferred("desk", day, "120000_300");

        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN observe/transferred of observer 'desk' is not recorded: Field 'day' is '")
                .contains("it is YYYYMMDD [tract=observe event=transferred observer=desk reason=\"Field 'day' is ");
        assertNothingRecorded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "120000", "120000_", "120000_300\n", "../120000_300"})
    void aMalformedSegmentIsAWarningAndTouchesNothing(String segment) throws IOException {
        write("abcd1234.json", RECORD);

        transferred("desk", "20260101", segment);

        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN observe/transferred of observer 'desk' is not recorded: Field 'segment' is '")
                .contains(
                        "it is HHMMSS_<seconds> [tract=observe event=transferred observer=desk reason=\"Field 'segment' is ");
        assertNothingRecorded();
    }

    @Test
    void aDayThatIsNoStringOrEndlessIsAWarningToo() throws IOException {
        write("abcd1234.json", RECORD);

        handle("observed", fields("desk", 2026.5, "120000_300"));
        handle("observed", fields("desk", "9".repeat(1_000_000), "120000_300"));

        assertThat(log.warnings()).hasSize(2).allSatisfy(line -> assertThat(line)
                .hasSizeLessThan(600));
        assertNothingRecorded();
    }

    @Test
    void aFloodOfMalformedMessagesDoesNotFloodTheLog() throws IOException {
        for (int i = 0; i < 10_000; i++) {
            observed("desk", "no day", "120000_300");
        }

        assertThat(log.lines()).hasSizeLessThan(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "other.json     | {'name':'desk','key':'abcd1234rest'}                | belongs to a file of another name",
                "abcd123.json   | {'name':'desk','key':'abcd1234rest'}                | belongs to a file of another name",
                "abcd1234.json  | {'name':'desk'}                                     | exactly one of",
                "abcd1234.json  | {'name':'desk','key':7}                             | exactly one of",
                "abcd1234.json  | {'name':'desk','key':'abcd1234','fingerprint':'x'}  | exactly one of",
                "abcd1234.json  | {'name':'desk','fingerprint':'abcd1234'}            | 64 lower-case hex digits",
                "abcd1234.json  | {'key':'abcd1234rest'}                              | no 'name'",
                "abcd1234.json  | {'name':'desk','key':'abcd1234                      | Not JSON",
                "abcd1234.json  | ['abcd1234']                                        | Not a JSON object",
                "abcd1234.json  | ''                                                  | Not JSON",
                "...json        | {'name':'desk','key':'..'}                          | cannot be a folder's name",
                ".json          | {'name':'desk','key':''}                            | cannot be a folder's name",
            })
    void aFileThatIsNoObserversRecordIsSkippedWithOneWarning(String file, String json, String problem)
            throws IOException {
        write(file, json.replace('\'', '"'));
        write("zzzzzzzz.json", named("desk", "zzzzzzzz", "1"));

        observed("desk", "20260101", "120000_300");
        observed("desk", "20260101", "120001_300");

        assertThat(historyOf("zzzzzzzz")).containsExactly("120000_300", "120001_300");
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN Observer record '" + file + "' is skipped: ")
                .contains(problem)
                .contains(" [file=" + file + " reason=")
                .doesNotContain("abcd1234rest");
        write(file, json.replace('\'', '"') + " ");
        observed("desk", "20260101", "120002_300");
        assertThat(log.warnings()).as("once more after the file has changed").hasSize(2);
    }

    @Test
    void aFingerprintHasLowerCaseDigitsAndAllOfThem() throws IOException {
        for (String digits : List.of(FINGERPRINT.toUpperCase(Locale.ROOT), FINGERPRINT + "0", "0123")) {
            write(
                    "0123456789abcdef.json",
                    "{\"name\":\"door\",\"fingerprint\":\"sha256:" + digits + "\",\"stats\":{}}");
            observed("door", "20260101", "120000_300");
        }

        assertThat(log.warnings()).hasSize(3).allSatisfy(line -> assertThat(line)
                .contains("64 lower-case hex digits"));
        assertNothingRecorded();
    }

    @Test
    void aRecordThatCannotBeReadIsSkippedWithOneWarning() throws IOException {
        Path record = Files.createDirectories(observers.resolve("abcd1234.json"));

        observed("desk", "20260101", "120000_300");
        observed("desk", "20260101", "120001_300");
        assertThat(log.warnings())
                .singleElement()
                .asString()
                .startsWith("WARN Observer record 'abcd1234.json' is skipped: ")
                .contains("is no regular file");

        Files.delete(record);
        write("abcd1234.json", RECORD);
        observed("desk", "20260101", "120002_300");
        assertThat(historyOf("abcd1234")).containsExactly("120002_300");
    }

    @Test
    void aRecordThatCouldNotBeReadIsTriedAgainThoughItLooksTheSame() throws IOException {
        Path record = write("abcd1234.json", RECORD);
        FileTime modified = Files.getLastModifiedTime(record);
        byte[] bytes = Files.readAllBytes(record);
        byte first = bytes[0];
        bytes[0] = (byte) 0xff; // is not UTF-8: stands for any failure to read
        Files.write(record, bytes);
        Files.setLastModifiedTime(record, modified);
        observed("desk", "20260101", "120000_300");
        assertThat(log.warnings()).hasSize(1);

        bytes[0] = first;
        Files.write(record, bytes);
        Files.setLastModifiedTime(record, modified);
        observed("desk", "20260101", "120001_300");

        assertThat(historyOf("abcd1234")).containsExactly("120001_300");
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void aRecordThatIsALinkIsSkipped() throws IOException {
        Path target = Files.writeString(temp.resolve("target"), RECORD);
        Files.createDirectories(observers);
        Files.createSymbolicLink(observers.resolve("abcd1234.json"), target);

        observed("desk", "20260101", "120000_300");

        assertThat(log.warnings()).singleElement().asString().contains("is a symbolic link");
        assertThat(target).hasContent(RECORD);
        assertNothingRecorded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"apps", "apps/observer", "apps/observer/observers"})
    void aLinkOnTheWayToTheRecordsIsAWarningAndNotFollowed(String link) throws IOException {
        write("abcd1234.json", RECORD);
        Path elsewhere = temp.resolve("elsewhere");
        Files.move(root.resolve(link), elsewhere);
        Files.createSymbolicLink(root.resolve(link), elsewhere);

        transferred("desk", "20260101", "120000_300");

        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN observe/transferred of observer 'desk' is not recorded: ")
                .contains("is a symbolic link: none is followed below the journal's root [tract=observe ");
        assertNothingRecorded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abcd1234", "abcd1234/hist", "abcd1234/hist/20260101.jsonl"})
    void aLinkInTheHistoryIsAWarningAndNotFollowed(String link) throws IOException {
        write("abcd1234.json", RECORD);
        Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        Path target = link.endsWith(".jsonl") ? Files.createFile(elsewhere.resolve("file")) : elsewhere;
        Files.createDirectories(observers.resolve(link).getParent());
        Files.createSymbolicLink(observers.resolve(link), target);

        transferred("desk", "20260101", "120000_300");

        assertThat(log.lines()).singleElement().asString().contains("is a symbolic link");
        assertThat(elsewhere).satisfiesAnyOf(folder -> assertThat(folder).isEmptyDirectory(), folder -> assertThat(
                        folder.resolve("file"))
                .isEmptyFile());
        assertThat(Files.readString(observers.resolve("abcd1234.json"))).isEqualTo(RECORD);
        assertThat(emitted).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "7", "{\"segments_transferred\":\"7\"}", "{\"segments_transferred\":NaN}"})
    void aRecordWhoseStatsCannotBeRaisedStaysAsItIsAndTheRestIsDone(String stats) throws IOException {
        String json = "{\"name\":\"desk\",\"key\":\"abcd1234\",\"stats\":" + stats + "}";
        Path record = write("abcd1234.json", json);

        transferred("desk", "20260101", "120000_300");

        assertThat(record).hasContent(json);
        assertThat(historyOf("abcd1234")).containsExactly("120000_300");
        assertThat(emitted).hasSize(1);
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN The count of observe/transferred of observer 'desk' stays as it is: 'stats")
                .contains(" [tract=observe event=transferred observer=desk reason=\"'stats");
    }

    @Test
    void noCountIsLostWhenHandlersOverlap() throws Exception {
        write("abcd1234.json", named("desk", "abcd1234", "1"));
        int threads = 8;
        int events = 25;
        CountDownLatch ready = new CountDownLatch(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                runs.add(pool.submit(() -> {
                    ready.countDown();
                    ready.await();
                    for (int i = 0; i < events; i++) {
                        observed("desk", "20260101", "120000_300");
                    }
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get(20, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }

        assertThat(stat("abcd1234.json", "segments_observed")).isEqualTo((long) threads * events);
        assertThat(historyOf("abcd1234")).hasSize(threads * events);
        assertThat(log.lines()).isEmpty();
    }

    private ObserverHistory appThatEmitsBy(Callosum callosum) {
        return new ObserverHistory(new Journal(root), callosum, log.logger(), () -> NOW);
    }

    private void observed(String observer, String day, String segment) throws IOException {
        handle("observed", fields(observer, day, segment));
    }

    private void transferred(String observer, String day, String segment) throws IOException {
        handle("transferred", fields(observer, day, segment));
    }

    private void handle(String event, Map<String, Object> fields) throws IOException {
        app.handle(new EventContext(Message.of("observe", event, fields), "observer"));
    }

    private static Map<String, Object> fields(Object observer, Object day, Object segment) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("observer", observer);
        fields.put("day", day);
        fields.put("segment", segment);
        return fields;
    }

    private static String named(String name, String key, String createdAt) {
        return "{\"name\":\"" + name + "\",\"key\":\"" + key + "\",\"stats\":{}"
                + (createdAt == null ? "" : ",\"created_at\":" + createdAt) + "}";
    }

    private Path write(String file, String json) throws IOException {
        Files.createDirectories(observers);
        return Files.writeString(observers.resolve(file), json);
    }

    private Object stat(String file, String name) throws IOException {
        Map<?, ?> stats = (Map<?, ?>)
                Json.parseObject(Files.readString(observers.resolve(file))).get("stats");
        return stats.get(name);
    }

    /** The segments in the history of the test's day, without the empty lines that two at once may leave. */
    private List<Object> historyOf(String prefix) throws IOException {
        List<Object> segments = new ArrayList<>();
        for (String line : Files.readAllLines(observers.resolve(prefix + "/hist/20260101.jsonl"))) {
            if (!line.isEmpty()) {
                segments.add(Json.parseObject(line).get("segment"));
            }
        }
        return segments;
    }

    private void assertNothingRecorded() throws IOException {
        try (var paths = Files.walk(temp)) {
            assertThat(paths.filter(path -> path.toString().contains("hist"))).isEmpty();
        }
        assertThat(emitted).isEmpty();
    }

    private static String uncheckedRead(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
