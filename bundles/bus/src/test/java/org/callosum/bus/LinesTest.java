// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** Lines from a source that gives a fixed number of bytes a read. */
@Timeout(30)
class LinesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void linesAreTheSameHoweverManyBytesAReadGives(int bytesARead) throws IOException {
        assertThat(lines("a\n\nbü\r\nc\rd\n\r\nlast", bytesARead, 100))
                .containsExactly("a", "", "bü", "c\rd", "", "last");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void aLineOverTheLimitIsCutToOneMoreAndTheNextOneIsWhole(int bytesARead) throws IOException {
        assertThat(lines("1234\n12345\n123456789\n1234\n123456789", bytesARead, 4))
                .containsExactly("1234", "12345", "12345", "1234", "12345");
    }

    @Test
    void aLineLongerThanOneReadIsWhole() throws IOException {
        String line = "x".repeat(1 << 20);

        assertThat(lines(line + "\n" + line + "\ny", 100_000, 1 << 20)).containsExactly(line, line, "y");
    }

    @Test
    void nothingIsNoLine() throws IOException {
        assertThat(lines("", 1, 100)).isEmpty();
        assertThat(lines("a\n", 1, 100)).containsExactly("a");
    }

    private static List<String> lines(String text, int bytesARead, int maxBytes) throws IOException {
        Lines lines = new Lines(new Trickle(text.getBytes(UTF_8), bytesARead), maxBytes);
        List<String> all = new ArrayList<>();
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            all.add(new String(line, UTF_8));
        }
        return all;
    }

    private static final class Trickle implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private final int bytesARead;

        Trickle(byte[] bytes, int bytesARead) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.bytesARead = bytesARead;
        }

        @Override
        public int read(ByteBuffer target) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(Math.min(bytesARead, bytes.remaining()), target.remaining());
            target.put(bytes.slice().limit(count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
