// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.callosum.core.HandlerFailure;
import org.callosum.core.HandlerStatus;
import org.callosum.core.HandlerStatus.State;
import org.callosum.core.HandlerTimes;
import org.callosum.core.LatencyStatus;
import org.callosum.core.LatencyStatus.Bucket;
import org.callosum.core.Subscription;

/** Handlers as a dispatcher might show them. */
final class Handlers {
    static final HandlerStatus SEGMENT_LOG = new HandlerStatus(
            31,
            "segment-log",
            "SegmentLog",
            List.of(
                    new Subscription("observe", "*"),
                    new Subscription("think", "*"),
                    new Subscription("activity", "*")),
            "",
            Optional.empty(),
            12,
            "org.callosum.apps.segment-log",
            "1.0.0",
            State.ACTIVE,
            1234,
            0,
            0,
            1,
            12.34,
            new HandlerTimes(
                    Duration.ofNanos(85_000),
                    Duration.ofMillis(12),
                    Duration.ofMillis(4_200),
                    "observe/observed",
                    Duration.ofSeconds(3),
                    Optional.of(Instant.parse("2026-01-01T11:00:00Z")),
                    List.of(new StackTraceElement("com.example.Lock", "await", "Lock.java", 42))),
            Optional.empty(),
            "");

    static final LatencyStatus SEGMENT_LOG_LATENCY = new LatencyStatus(
            31,
            1234,
            Duration.ofMillis(6_170),
            List.of(
                    new Bucket(Duration.ofNanos(100_000), 1_000),
                    new Bucket(Duration.ofMillis(1), 1_000),
                    new Bucket(Duration.ofSeconds(5), 1_233)));

    static final HandlerStatus FAILED = new HandlerStatus(
            40,
            "observer",
            "History",
            List.of(new Subscription("observe", "observed"), new Subscription("observe", "transferred")),
            "",
            Optional.empty(),
            11,
            "org.callosum.apps.observer",
            "1.0.0",
            State.FAILED,
            7,
            7,
            2,
            0,
            0,
            HandlerTimes.NONE,
            Optional.of(new HandlerFailure(
                    Instant.parse("2026-01-01T11:59:00Z"),
                    "observe/observed",
                    "java.lang.IllegalStateException: no\njournal",
                    List.of(
                            "at com.example.History.<init>(History.java:7)",
                            "Caused by: java.io.IOException: \u001b[2Jfull"))),
            "java.lang.IllegalStateException: no\njournal");

    static final HandlerStatus BAD = new HandlerStatus(
            44,
            "com.example.\u001b[2J",
            "Bad\u202eName",
            List.of(),
            "",
            Optional.empty(),
            20,
            "com.example." + "x".repeat(100),
            "0.1.0",
            State.BAD,
            0,
            0,
            0,
            0,
            0,
            HandlerTimes.NONE,
            Optional.empty(),
            "Service property 'tract' is missing: give a name, or '*' for all");

    static final HandlerStatus PICKY = new HandlerStatus(
            50,
            "door",
            "Camera",
            List.of(new Subscription("door", "opened")),
            "(camera=\u001b[2J*)",
            Optional.of(Duration.ofSeconds(5)),
            13,
            "com.example.door",
            "1.0.0",
            State.ACTIVE,
            3,
            0,
            0,
            0,
            0,
            HandlerTimes.NONE,
            Optional.empty(),
            "");

    private Handlers() {}
}
