// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.wire;

/** What a frame is about; the package says who sends it and when. */
public enum FrameType {
    /** A client's {@link Request}. */
    HELLO(1),

    /** Bytes of standard input. */
    INPUT(2),

    /** Standard input is at its end. */
    INPUT_END(3),

    /** Input is waited for. */
    READ(4),

    /** Bytes of standard output. */
    OUTPUT(5),

    /** Bytes of standard error. */
    ERROR(6),

    /** Columns and rows, two bytes each. */
    SIZE(7),

    /** The command that runs is to end. */
    INTERRUPT(8),

    /** The {@link End}. */
    END(9);

    private static final FrameType[] ALL = values();

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    /** Its number on the wire. */
    int code() {
        return code;
    }

    /** The type of this number; {@code null} if there is none. */
    static FrameType of(int code) {
        return code >= 1 && code <= ALL.length ? ALL[code - 1] : null;
    }
}
