// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * What a client wants. On the wire it begins with {@value #VERSION}, the version of all that follows on the connection; a
 * later minor addition comes behind what is here, where this version does not look.
 *
 * @param commands what to run; {@code null} for a conversation with somebody at a terminal
 * @param terminal the type of the terminal that standard output is, as {@code $TERM} names it; empty if it is none
 * @param columns its width; 0 if it is not known
 * @param rows its height; 0 if it is not known
 */
public record Request(String commands, String terminal, int columns, int rows) {
    /** The version of the wire. */
    public static final int VERSION = 1;

    /** Whether somebody at a terminal wants to talk. */
    public boolean isInteractive() {
        return commands == null;
    }

    /**
     * Reads it.
     *
     * @throws IOException if it is none, or of another version; says which
     */
    public static Request of(Frame frame) throws IOException {
        if (frame.type() != FrameType.HELLO) {
            throw new IOException("Frame " + frame.type() + " came first: " + FrameType.HELLO + " has to");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(frame.bytes()));
        int version = in.readInt();
        if (version != VERSION) {
            throw new IOException(
                    "The command line speaks version " + version + " of the shell's wire and this runtime " + VERSION
                            + ": use the bin/callosum of the distribution that runs");
        }
        boolean isInteractive = in.readBoolean();
        String terminal = in.readUTF();
        int columns = in.readUnsignedShort();
        int rows = in.readUnsignedShort();
        byte[] commands = new byte[in.readInt()];
        in.readFully(commands);
        return new Request(
                isInteractive ? null : new String(commands, StandardCharsets.UTF_8), terminal, columns, rows);
    }

    /** Writes it. */
    public Frame toFrame() {
        byte[] text = isInteractive() ? new byte[0] : commands.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(VERSION);
            out.writeBoolean(isInteractive());
            out.writeUTF(terminal);
            out.writeShort(columns);
            out.writeShort(rows);
            out.writeInt(text.length);
            out.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no medium that could fail
        }
        return new Frame(FrameType.HELLO, bytes.toByteArray());
    }
}
