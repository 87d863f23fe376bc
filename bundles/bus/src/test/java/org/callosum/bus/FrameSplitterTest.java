// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class FrameSplitterTest {
    private static final int READ = 1 << 16;

    private final FrameSplitter splitter = new FrameSplitter(16 * 1024 * 1024);

    @Test
    void aLineCutAtEveryByteComesOutWhole() {
        String line = "{\"tract\":\"a\",\"event\":\"b\"}";
        for (int cut = 0; cut <= line.length(); cut++) {
            List<String> lines = feed(line.substring(0, cut));
            lines.addAll(feed(line.substring(cut) + "\n"));
            assertThat(lines).as("cut at %d", cut).containsExactly(line);
        }
    }

    @Test
    void aLineWithinOneReadIsNotCopied() {
        byte[] read = "one\ntwo\n".getBytes(StandardCharsets.US_ASCII);
        splitter.feed(read, 0, read.length);

        assertThat(splitter.next()).isTrue();
        assertThat(splitter.array()).isSameAs(read);
        assertThat(splitter.heldBytes()).isZero();
    }

    @Test
    void theLongestLineComesOutAndOneByteMoreDoesNot() {
        byte[] longest = new byte[16 * 1024 * 1024 + 1];
        Arrays.fill(longest, (byte) 'x');
        longest[longest.length - 1] = '\n';
        assertThat(lengths(longest)).containsExactly(16 * 1024 * 1024);

        byte[] tooLong = new byte[16 * 1024 * 1024 + 2];
        Arrays.fill(tooLong, (byte) 'x');
        tooLong[tooLong.length - 1] = '\n';
        assertThat(lengths(tooLong)).isEmpty();

        assertThat(splitter.tooLong()).isEqualTo(1);
        assertThat(feed("next\n")).containsExactly("next");
    }

    @Test
    void whatTheHeapHasNoRoomForIsNotCounted() throws Exception {
        Process small = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SmallHeap.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(small.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

        assertThat(said).isEqualTo("after the failure 0 too much, after the close 0");
        assertThat(small.waitFor()).isZero();
    }

    /** Gets a line that does not fit into its heap. */
    static final class SmallHeap {
        private SmallHeap() {}

        public static void main(String[] args) {
            long[] taken = {0};
            FrameSplitter splitter = new FrameSplitter(1 << 30, new Room() {
                @Override
                public boolean take(int bytes) {
                    taken[0] += bytes;
                    return true;
                }

                @Override
                public void giveBack(int bytes) {
                    taken[0] -= bytes;
                }
            });
            byte[] read = new byte[READ];
            try {
                for (int i = 0; i < 1 << 14; i++) {
                    splitter.feed(read, 0, read.length);
                    splitter.next();
                }
                System.out.print("no failure, ");
            } catch (OutOfMemoryError expected) {
                System.out.print("after the failure " + (taken[0] - splitter.unfinishedBytes()) + " too much, ");
            }
            splitter.close();
            System.out.print("after the close " + taken[0]);
        }
    }

    @Test
    void theBytesOfALineThatIsTooLongAreNotKept() {
        byte[] read = new byte[1 << 20];
        Arrays.fill(read, (byte) 'x');
        for (int i = 0; i < 100; i++) {
            splitter.feed(read, 0, read.length);
            assertThat(splitter.next()).isFalse();
            assertThat(splitter.heldBytes()).isLessThanOrEqualTo(16 * 1024 * 1024);
        }
        assertThat(splitter.heldBytes()).isZero();
        assertThat(splitter.tooLong()).isEqualTo(1);
        assertThat(splitter.finish()).isFalse();
    }

    @Test
    void theMemoryOfALongLineIsGivenBackAfterIt() {
        assertThat(lengths(("x".repeat(1 << 20) + "\n").getBytes(StandardCharsets.US_ASCII)))
                .containsExactly(1 << 20);
        assertThat(splitter.heldBytes()).isZero();
    }

    @Test
    void memoryGrowsWithWhatHasComeAlone() {
        feed("x".repeat(1000));
        assertThat(splitter.heldBytes()).isEqualTo(1000);
    }

    @Test
    void aLastLineWithoutABreakIsALine() {
        assertThat(feed("one\ntw")).containsExactly("one");
        assertThat(splitter.finish()).isTrue();
        assertThat(line()).isEqualTo("tw");
    }

    @Test
    void afterALineBreakThereIsNoLastLine() {
        feed("one\n");
        assertThat(splitter.finish()).isFalse();
    }

    @Test
    void whatWasNotLookedAtIsHeldWhenTheArrayIsNeeded() {
        byte[] read = "one\ntwo\nthr".getBytes(StandardCharsets.US_ASCII);
        splitter.feed(read, 0, read.length);
        assertThat(splitter.next()).isTrue();

        splitter.holdRest();
        Arrays.fill(read, (byte) '?');

        assertThat(splitter.heldBytes()).isEqualTo(7);
        assertThat(splitter.next()).isTrue();
        splitter.holdRest();
        assertThat(line()).isEqualTo("two");
        assertThat(splitter.next()).isFalse();
        assertThat(feed("ee\n")).containsExactly("three");
    }

    private List<String> feed(String read) {
        byte[] bytes = read.getBytes(StandardCharsets.US_ASCII);
        splitter.feed(bytes, 0, bytes.length);
        List<String> lines = new ArrayList<>();
        while (splitter.next()) {
            lines.add(line());
        }
        return lines;
    }

    private List<Integer> lengths(byte[] stream) {
        List<Integer> lengths = new ArrayList<>();
        for (int from = 0; from < stream.length; from += READ) {
            splitter.feed(stream, from, Math.min(stream.length, from + READ));
            while (splitter.next()) {
                lengths.add(splitter.end() - splitter.start());
            }
        }
        return lengths;
    }

    private String line() {
        return new String(
                splitter.array(), splitter.start(), splitter.end() - splitter.start(), StandardCharsets.US_ASCII);
    }
}
