// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.callosum.itests.wire.JsonText.Literal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The wire's rules, row by row of the table 'Transport'; those that need a bus of our own are in {@link OwnBusRulesIT}. */
@Timeout(300)
@ExtendWith(WireBus.Resolver.class)
class TransportRulesIT {
    private static final int LONGEST = 16 * 1024 * 1024;

    private Room room;

    @BeforeEach
    void enter(WireBus bus) throws Exception {
        room = new Room(bus.socket());
    }

    @AfterEach
    void leave() throws IOException {
        room.close();
    }

    @Nested
    @DisplayName("frame")
    class Frame {
        @Test
        void oneObjectALineIsPassedOnAsOneLine() throws Exception {
            assertDelivered(room.exchange(room.frame("\"n\":1") + "\n"), "\"n\":1");
        }

        @Test
        void manyInOneWriteAreAllPassedOnInTheirOrder() throws Exception {
            StringBuilder frames = new StringBuilder();
            String[] members = new String[5_000];
            for (int i = 0; i < members.length; i++) {
                members[i] = "\"n\":" + i;
                frames.append(room.frame(members[i])).append('\n');
            }

            assertDelivered(room.exchange(frames.toString()), members);
        }

        @Test
        void blankLinesAreIgnored() throws Exception {
            assertDelivered(
                    room.exchange("\n\r\n  \t \n" + room.frame("\"n\":1") + "\n\n\n" + room.frame("\"n\":2") + "\n\n"),
                    "\"n\":1",
                    "\"n\":2");
        }

        @Test
        void aCarriageReturnBeforeTheLineBreakIsWhiteSpace() throws Exception {
            assertDelivered(room.exchange(room.frame("\"n\":1") + "\r\n"), "\"n\":1");
        }

        @Test
        void whiteSpaceAroundAndWithinIsAllowed() throws Exception {
            assertDelivered(
                    room.exchange(" \t{ \"tract\" : \"%T\" ,\r\"event\"\t:\t\"e\" , \"n\" : [ 1 , 2 ] } \r \n"),
                    "\"n\":[1,2]");
        }

        @Test
        void aFrameMayComeByteByByteInTheMiddleOfACharacterToo() throws Exception {
            for (byte each : Room.bytes(room.frame("\"text\":\"aé€😀\""), "\r\n")) {
                room.sender().send(new byte[] {each});
            }

            assertDelivered(room.mark(room.sender()), "\"text\":\"aé€😀\"");
        }

        @Test
        void aFrameCutAtAnyByteWaitsForItsRestWhileOthersGoOn() throws Exception {
            byte[] frame = Room.bytes(room.frame("\"text\":\"é😀\""), "\n");
            try (Peer other = Peer.join(room.socket())) {
                for (int cut = 1; cut < frame.length; cut++) {
                    room.sender().send(Arrays.copyOf(frame, cut));
                    other.sync(); // the bus had occasion to read it
                    room.sender().send(Arrays.copyOfRange(frame, cut, frame.length));

                    assertDelivered(room.mark(room.sender()), "\"text\":\"é😀\"");
                }
            }
        }
    }

    @Nested
    @DisplayName("direction")
    class Direction {
        @Test
        void whoOnlyListensGetsFramesWithoutSayingAnything() throws Exception {
            try (Peer silent = Peer.open(room.socket())) {
                silent.read();
                // Nothing tells when the bus has it among its clients: a later frame will do.
                CompletableFuture<List<String>> heard = CompletableFuture.supplyAsync(() -> {
                    try {
                        return silent.until("\"probe\"");
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                while (!heard.isDone()) {
                    room.exchange(room.frame("\"probe\":1") + "\n");
                }

                assertThat(heard.get()).last().asString().contains(room.named("%T"));
            }
        }

        @Test
        void nothingComesButFramesNoGreetingAndNoAnswer() throws Exception {
            try (Peer peer = Peer.open(room.socket())) {
                peer.read();
                int frames = 100;
                for (int n = 0; n < frames; n++) {
                    peer.send(room.frame("\"n\":" + n) + "\n");
                }
                peer.send(room.frame("\"last\":1") + "\n");

                List<String> lines = peer.until("\"last\"");
                for (String line : lines) { // whosever they are
                    Map<String, Object> fields = JsonText.object(line);
                    assertThat(fields.get("tract"))
                            .as("'tract' in %.200s", line)
                            .isInstanceOf(String.class);
                    assertThat(fields.get("event"))
                            .as("'event' in %.200s", line)
                            .isInstanceOf(String.class);
                }
                assertThat(lines)
                        .as("each frame came back, once")
                        .filteredOn(line -> line.contains(room.named("%T")))
                        .hasSize(frames + 1);
            }
        }

        @Test
        void whoHasJustConnectedMaySendAtOnce() throws Exception {
            try (Peer hasty = Peer.open(room.socket())) {
                hasty.send(room.frame("\"n\":1") + "\n" + room.frame("\"last\":1") + "\n");

                assertDelivered(room.listen("\"last\""), "\"n\":1", "\"last\":1");
            }
        }
    }

    @Nested
    @DisplayName("broadcast")
    class Broadcast {
        @Test
        void allGetAllFramesInOneOrderTheirSendersIncluded() throws Exception {
            int senders = 5;
            int frames = 2_000;
            List<Peer> peers = new ArrayList<>();
            try {
                for (int i = 0; i < senders; i++) {
                    peers.add(Peer.join(room.socket()));
                }
                List<CompletableFuture<Void>> sending = new ArrayList<>();
                for (int i = 0; i < senders; i++) {
                    int s = i;
                    sending.add(CompletableFuture.runAsync(() -> {
                        try {
                            for (int n = 0; n < frames; n++) {
                                peers.get(s).send(room.frame("\"id\":\"" + s + "/" + n + "\"") + "\n");
                            }
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    }));
                }
                CompletableFuture.allOf(sending.toArray(CompletableFuture[]::new))
                        .get();
                List<List<String>> seen = new ArrayList<>();
                for (int i = 0;
                        i < senders;
                        i++) { // between connections only what came back is before what is sent then
                    seen.add(peers.get(i).until("\"" + i + "/" + (frames - 1) + "\""));
                }
                room.sender().send(room.frame("\"last\":1") + "\n");

                List<String> order = room.listen("\"last\"");
                List<Object> ids = ids(order);
                for (int s = 0; s < senders; s++) {
                    String from = s + "/";
                    List<Object> expected = new ArrayList<>();
                    for (int n = 0; n < frames; n++) {
                        expected.add(from + n);
                    }
                    assertThat(ids.stream().filter(id -> id.toString().startsWith(from)))
                            .as("all of one sender, in its order")
                            .containsExactlyElementsOf(expected);
                    seen.get(s).addAll(peers.get(s).until("\"last\""));
                    assertThat(ids(ours(seen.get(s))))
                            .as("what sender %d gets", s)
                            .isEqualTo(ids);
                }
            } finally {
                for (Peer peer : peers) {
                    peer.close();
                }
            }
        }

        private List<String> ours(List<String> lines) {
            return lines.stream()
                    .filter(line -> line.contains(room.named("%T")))
                    .toList();
        }

        private List<Object> ids(List<String> lines) {
            return lines.stream()
                    .map(line -> JsonText.object(line).get("id"))
                    .filter(Objects::nonNull)
                    .toList();
        }
    }

    @Nested
    @DisplayName("required")
    class Required {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{}",
                    "{\"tract\":\"%T\"}",
                    "{\"event\":\"%T\"}",
                    "{\"tract\":\"%T\",\"event\":1}",
                    "{\"tract\":null,\"event\":\"%T\"}",
                    "{\"tract\":[\"%T\"],\"event\":\"e\"}",
                    "{\"tract\":\"%T\",\"event\":{\"event\":\"e\"}}",
                    "{\"tract\":\"%T\",\"Event\":\"e\"}",
                    "{\"x\":{\"tract\":\"%T\",\"event\":\"e\"}}",
                    "{\"tract\":\"%T\",\"event\":\"e\",\"event\":2}"
                })
        void withoutTractAndEventAsStringsAtTheTopItIsInvalid(String line) throws Exception {
            assertInvalid(line);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{\"tract\":\"%T\",\"event\":\"\"}",
                    "{\"tract\":\"\",\"event\":\"%T\"}",
                    "{\"event\":\"e\",\"tract\":\"%T\"}",
                    "{\"tract\":1,\"tract\":\"%T\",\"event\":\"e\"}",
                    "{\"\\u0074ract\":\"%T\",\"\\u0065vent\":\"e\"}",
                    "{\"x\":{\"tract\":1},\"tract\":\"%T\",\"event\":\"é€😀\\u0000\"}",
                    "{\"tract\":\"%T*\",\"event\":\"*\"}"
                })
        void anyStringsWillDo(String line) throws Exception {
            Map<String, Object> sent = JsonText.object(room.named(line));

            List<String> lines = room.exchange(line + "\n");

            assertThat(lines).hasSize(1);
            assertThat(JsonText.object(lines.get(0))).containsAllEntriesOf(sent);
        }
    }

    @Nested
    @DisplayName("JSON dialect")
    class Dialect {
        @ParameterizedTest
        @ValueSource(strings = {"NaN", "Infinity", "-Infinity"})
        void theThreeThatAreNoNumbersAreTaken(String value) throws Exception {
            assertDelivered(room.exchange(room.frame("\"n\":" + value) + "\n"), "\"n\":" + value);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "+1",
                    "01",
                    "1.",
                    ".5",
                    "1e",
                    "0x1",
                    "+Infinity",
                    "-NaN",
                    "nan",
                    "INF",
                    "True",
                    "None",
                    "nul",
                    "'a'",
                    "\"\\x\"",
                    "\"\\u12\"",
                    "\"a\tb\"",
                    "\"a",
                    "[1,]",
                    "[1 2]",
                    "{\"a\"}",
                    "{\"a\":1,}",
                    "{a:1}",
                    "{1:1}",
                    "[",
                    "[}",
                    "1 /* */",
                    "\f1",
                    "\u000b1",
                    "\u00a01",
                    "\u20281",
                    "1_000",
                    "--1",
                    "- 1",
                    "1e+",
                    "Nan",
                    "--Infinity",
                    "\"\\ud83d\\u\"",
                    ""
                })
        void whatTheOriginalsParserRefusesIsInvalid(String value) throws Exception {
            assertInvalid(room.frame("\"n\":" + value));
        }

        @Test
        void bytesThatAreNotUtf8MakeAFrameInvalid() throws Exception {
            List<byte[]> bad = List.of(
                    of(0x80), // a second byte alone
                    of(0xc3), // a first byte alone
                    of(0xc0, 0xaf), // overlong
                    of(0xe0, 0x80, 0xaf),
                    of(0xf0, 0x80, 0x80, 0xaf),
                    of(0xed, 0xa0, 0x80), // a surrogate
                    of(0xf4, 0x90, 0x80, 0x80), // beyond U+10FFFF
                    of(0xf8, 0x88, 0x80, 0x80, 0x80),
                    of(0xff),
                    of(0xe2, 0x82)); // its third byte is missing
            for (byte[] each : bad) {
                assertInvalid(Room.bytes(room.named("{\"tract\":\"%T\",\"event\":\"e\",\"x\":\""), each, "\"}"));
                assertInvalid(Room.bytes(room.named("{\"tract\":\"%T\",\"event\":\"e\",\""), each, "\":1}"));
            }
        }

        @Test
        void aByteOrderMarkIsNoWhiteSpace() throws Exception {
            assertInvalid("\ufeff" + room.frame(""));
        }

        private byte[] of(int... values) {
            byte[] bytes = new byte[values.length];
            for (int i = 0; i < values.length; i++) {
                bytes[i] = (byte) values[i];
            }
            return bytes;
        }
    }

    @Nested
    @DisplayName("ts")
    class Ts {
        @Test
        void whereItIsMissingItIsAddedInEpochMilliseconds() throws Exception {
            long before = System.currentTimeMillis();
            Map<String, Object> fields = JsonText.object(
                    room.exchange(room.frame("\"x\":{\"ts\":1}") + "\n").get(0));
            long after = System.currentTimeMillis();

            assertThat(Long.parseLong(((Literal) fields.get("ts")).text())).isBetween(before, after);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "0",
                    "-1",
                    "1767225600123",
                    "1767225600123.5",
                    "1e400",
                    "null",
                    "true",
                    "\"\"",
                    "\"now\"",
                    "[1]",
                    "{}"
                })
        void whereItIsPresentItIsLeftAsItIsWhateverItsType(String ts) throws Exception {
            List<String> lines = room.exchange(room.frame("\"ts\":" + ts) + "\n");

            assertThat(lines).hasSize(1);
            assertThat(JsonText.object(lines.get(0))).isEqualTo(JsonText.object(room.frame("\"ts\":" + ts)));
        }

        @Test
        void ofSeveralNoneIsAdded() throws Exception {
            List<String> lines = room.exchange(room.frame("\"ts\":1,\"ts\":\"last\"") + "\n");

            assertThat(JsonText.object(lines.get(0))).containsEntry("ts", "last");
        }

        @Test
        void anEscapeInItsNameMakesNoDifference() throws Exception {
            List<String> lines = room.exchange(room.frame("\"t\\u0073\":5") + "\n");

            assertThat(JsonText.object(lines.get(0))).containsEntry("ts", new Literal("5"));
        }
    }

    @Nested
    @DisplayName("everything else")
    class EverythingElse {
        @Test
        void duplicateNamesAreAsTheLastOneWins() throws Exception {
            List<String> lines = room.exchange(room.frame("\"n\":1,\"o\":{\"k\":1,\"k\":[2]},\"n\":\"two\"") + "\n");

            assertThat(JsonText.object(lines.get(0)))
                    .containsEntry("n", "two")
                    .containsEntry("o", Map.of("k", List.of(new Literal("2"))));
        }
        // The values themselves: FieldsZooIT.
    }

    @Nested
    @DisplayName("last frame")
    class LastFrame {
        @Test
        void whatItsSenderDidNotEndBeforeItClosedIsAFrame() throws Exception {
            try (Peer leaving = Peer.join(room.socket())) {
                leaving.send(room.frame("\"n\":1") + "\n" + room.frame("\"last\":2"));
            }

            assertDelivered(room.listen("\"last\""), "\"n\":1", "\"last\":2");
        }

        @Test
        void theSameWhenItOnlySaysThatItWillSendNoMore() throws Exception {
            try (Peer leaving = Peer.join(room.socket())) {
                leaving.send(room.frame("\"last\":2"));
                leaving.endOutput();

                assertDelivered(room.listen("\"last\""), "\"last\":2");
            }
        }

        @Test
        void oneThatIsInvalidIsNone() throws Exception {
            for (int i = 0; i < 20; i++) {
                try (Peer leaving = Peer.join(room.socket())) {
                    leaving.send(room.frame("\"cut\":")
                            .substring(0, room.frame("\"cut\":").length() - 1));
                }
            }
            // They were all closed before this one came.
            try (Peer next = Peer.join(room.socket())) {
                next.send(room.frame("\"last\":1"));
            }

            assertDelivered(room.listen("\"last\""), "\"last\":1");
        }

        @Test
        void whoSendsWithoutReadingAndClosesHasLostNothing() throws Exception {
            int frames = 3_000;
            String[] members = new String[frames];
            StringBuilder all = new StringBuilder();
            for (int n = 0; n < frames; n++) {
                members[n] = (n == frames - 1 ? "\"last\":" : "\"n\":") + n;
                all.append(room.frame(members[n])).append('\n');
            }
            try (Peer blind = Peer.open(room.socket())) {
                blind.send(all.toString()); // and closes with all of it unread, which breaks the bus's writes to it
            }

            assertDelivered(room.listen("\"last\""), members);
        }
    }

    @Nested
    @DisplayName("invalid frame")
    class InvalidFrame {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "%T",
                    "[\"%T\"]",
                    "\"%T\"",
                    "1 \"%T\"",
                    "null",
                    "{\"tract\":\"%T\",\"event\":\"e\"",
                    "{\"tract\":\"%T\",\"event\":\"e\"}}",
                    "{\"tract\":\"%T\",\"event\":\"e\"}{\"tract\":\"%T\",\"event\":\"e\"}",
                    "{\"tract\":\"%T\",\"event\":\"e\"},",
                    "[{\"tract\":\"%T\",\"event\":\"e\"}]",
                    "\u0000{\"tract\":\"%T\",\"event\":\"e\"}",
                    "{\"tract\":\"%T\" \"event\":\"e\"}"
                })
        void whatIsNoObjectIsNotPassedOnAndTheFramesAroundItAre(String line) throws Exception {
            assertInvalid(line);
        }

        @Test
        void anyNumberOfThemLeavesTheConnectionOpen() throws Exception {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 10_000; i++) {
                lines.append("{\"bad\":\"%T\",\n");
            }

            assertDelivered(
                    room.exchange(room.frame("\"n\":1") + "\n" + lines + room.frame("\"n\":2") + "\n"),
                    "\"n\":1",
                    "\"n\":2");
        }
    }

    @Nested
    @DisplayName("private frames")
    class PrivateFrames {
        @Test
        void aLineOfTheBinaryExchangeIsInvalidWhateverItHolds() throws Exception {
            assertInvalid("SCLP");
            assertInvalid("SCLP" + room.frame(""));
            byte[] body = new byte[256];
            for (int i = 0; i < body.length; i++) {
                body[i] = (byte) (i == '\n' ? 0 : i);
            }
            assertInvalid(Room.bytes("SCLP", body, room.frame("")));
        }
    }

    @Nested
    @DisplayName("a client that does not read")
    class DoesNotRead {
        /** What the default backlog holds, and half as much again. */
        private static final int FLOOD_BYTES = 96 * 1024 * 1024;

        @Test
        void oneThatOnlyEverSendsGoesOnAsASender() throws Exception {
            String filler = "\"x\":\"" + "x".repeat(1 << 17) + "\"";
            try (Peer blind = Peer.open(room.socket())) {
                int frames = FLOOD_BYTES >> 17;
                for (int n = 0; n < frames; n++) {
                    blind.send(room.frame("\"n\":" + n + "," + filler) + "\n");
                    assertThat(room.listen("\"n\":" + n + ",")).hasSize(1);
                    room.sender().sync(); // reads along
                }
                blind.send(room.frame("\"last\":1") + "\n");

                assertDelivered(room.listen("\"last\""), "\"last\":1");
            }
        }
    }

    @Nested
    @DisplayName("ordinary sizes")
    class OrdinarySizes {
        @ParameterizedTest
        @ValueSource(ints = {100, 2_000, 65_535, 65_536, 65_537, 500_000, LONGEST})
        void framesUpTo16MebibytesArePassedOn(int bytes) throws Exception {
            String members = filler(bytes);

            assertDelivered(room.exchange(room.frame(members) + "\n"), members);
        }

        @Test
        void aLongerOneIsDroppedAndTheNextLineIsRead() throws Exception {
            assertDelivered(
                    room.exchange(room.frame("\"n\":1") + "\n" + room.frame(filler(LONGEST + 1)) + "\n"
                            + room.frame("\"n\":2") + "\n"),
                    "\"n\":1",
                    "\"n\":2");
        }

        @Test
        void oneThatNeverEndsIsDroppedWhileItsNeighboursGoOn() throws Exception {
            try (Peer endless = Peer.join(room.socket())) {
                byte[] some = Room.bytes("{\"x\":\"" + "x".repeat(1 << 20));
                for (int i = 0; i < 40; i++) {
                    endless.send(some);
                    assertDelivered(room.exchange(room.frame("\"n\":" + i) + "\n"), "\"n\":" + i);
                }
                endless.send("\n" + room.frame("\"last\":1") + "\n");

                assertDelivered(room.listen("\"last\""), "\"last\":1");
            }
        }

        /** Members that make a frame of this length. */
        private String filler(int bytes) {
            int others = room.frame("\"x\":\"\"").length();
            return "\"x\":\"" + "x".repeat(bytes - others) + "\"";
        }
    }

    /** These members, each in a frame of this case, came, and nothing else, and a time stamp in each. */
    private void assertDelivered(List<String> lines, String... members) {
        List<Map<String, Object>> expected = new ArrayList<>();
        for (String each : members) {
            expected.add(JsonText.object(room.frame(each)));
        }
        List<Map<String, Object>> came = new ArrayList<>();
        for (String line : lines) {
            Map<String, Object> fields = JsonText.object(line);
            assertThat(fields.remove("ts")).as("'ts' in %.200s", line).isInstanceOf(Literal.class);
            came.add(fields);
        }
        assertThat(came).isEqualTo(expected);
    }

    private void assertInvalid(String line) throws Exception {
        assertInvalid(room.named(line).getBytes(StandardCharsets.UTF_8));
    }

    /** Nothing comes of it, no word about it either, and what comes before and after it on its connection is passed on. */
    private void assertInvalid(byte[] line) throws Exception {
        assertDelivered(
                room.exchange(Room.bytes(room.frame("\"n\":1"), "\n", line, "\n", room.frame("\"n\":2"), "\n")),
                "\"n\":1",
                "\"n\":2");
    }
}
