// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.spill;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

import org.callosum.api.Message;

/**
 * An event as bytes: a checksum of all that follows, when it was received, tract, event, and its text. The names are written
 * beside the text that has them, so that it need not be decoded here.
 */
final class SpilledCodec {
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    private SpilledCodec() {}

    static byte[] encode(Spilled spilled) {
        byte[] tract = spilled.message().tract().getBytes(StandardCharsets.UTF_8);
        byte[] event = spilled.message().event().getBytes(StandardCharsets.UTF_8);
        ByteBuffer text = spilled.message().toUtf8();
        ByteBuffer bytes = ByteBuffer.allocate(
                CHECKSUM_BYTES + Long.BYTES + 2 * Integer.BYTES + tract.length + event.length + text.remaining());
        bytes.position(CHECKSUM_BYTES)
                .putLong(spilled.sinceMillis())
                .putInt(tract.length)
                .put(tract)
                .putInt(event.length)
                .put(event)
                .put(text);
        return bytes.putInt(0, checksum(bytes.array())).array();
    }

    static Spilled decode(byte[] encoded, long position) throws IOException {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(encoded);
            if (bytes.getInt() != checksum(encoded)) {
                throw new IOException("Event " + position + " has a wrong checksum");
            }
            long sinceMillis = bytes.getLong();
            String tract = new String(bytes(bytes, bytes.getInt()), StandardCharsets.UTF_8);
            String event = new String(bytes(bytes, bytes.getInt()), StandardCharsets.UTF_8);
            byte[] text = bytes(bytes, bytes.remaining());
            return new Spilled(Message.ofFrame(tract, event, text), sinceMillis, position);
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            throw new IOException("Event " + position + " is cut off", e);
        }
    }

    private static byte[] bytes(ByteBuffer from, int length) {
        if (length > from.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    private static int checksum(byte[] encoded) {
        CRC32C checksum = new CRC32C();
        checksum.update(encoded, CHECKSUM_BYTES, encoded.length - CHECKSUM_BYTES);
        return (int) checksum.getValue();
    }
}
