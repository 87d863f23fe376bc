// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The settings of the core, for whoever edits them; {@link Numbers} reads them, so that a bad one stops nothing. */
@ObjectClassDefinition(
        id = CoreConfig.PID,
        name = "Callosum core",
        description = "How events are queued and handed to handlers. Every change takes effect at once.")
@interface CoreConfig {
    /** The configuration of both components. */
    String PID = "org.callosum.core";

    @AttributeDefinition(
            name = "Workers",
            min = "1",
            max = "256",
            description = "How many handlers of one event run side by side.")
    int workers() default 4;

    @AttributeDefinition(
            name = "Handler timeout",
            min = "1",
            max = "3600000",
            description = "Milliseconds a handler may spend on one event before it is no longer waited for.")
    long timeoutMillis() default 30_000;

    @AttributeDefinition(
            name = "Greatest handler timeout",
            min = "0",
            max = "3600000",
            description =
                    "Milliseconds that a handler's own 'timeout' property may ask for at most. 0: as the handler timeout;"
                            + " it is never below that.")
    long maxTimeoutMillis() default 0;

    @AttributeDefinition(
            name = "Soft limit",
            min = "0",
            max = "100",
            description =
                    "Percent of its time limit after which a handler is logged as slow, with its stack, once a minute."
                            + " 0 for never.")
    int softPercent() default 20;

    @AttributeDefinition(
            name = "Hold-up limit",
            min = "0",
            max = "3600000",
            description =
                    "Milliseconds an event may wait in memory, or be under way, before it is logged what holds it up, with the"
                            + " stacks, once a minute. 0 for ever.")
    long holdUpMillis() default 10_000;

    @AttributeDefinition(
            name = "Interrupt",
            description = "Whether the thread of a handler that overruns is interrupted.")
    boolean interrupt() default false;

    @AttributeDefinition(
            name = "Quarantine",
            min = "0",
            max = "1000000",
            description =
                    "After how many time-outs in a row a handler's events are parked instead of handed to it, until a trial"
                            + " succeeds, an operator releases it, or its app is updated. 0 for never.")
    int quarantineAfter() default 3;

    @AttributeDefinition(
            name = "Cool-down",
            min = "1",
            max = "86400000",
            description =
                    "Milliseconds until a handler in quarantine is tried with the oldest of its parked events. Doubles with"
                            + " each vain trial.")
    long coolDownMillis() default 30_000;

    @AttributeDefinition(
            name = "Longest cool-down",
            min = "1",
            max = "86400000",
            description = "Milliseconds beyond which the cool-down does not grow.")
    long maxCoolDownMillis() default 3_600_000;

    @AttributeDefinition(
            name = "Written-off workers of a handler",
            min = "1",
            max = "1000000",
            description =
                    "With so many invocations of its own that overran and are still alive, a handler that overruns is"
                            + " quarantined at once.")
    int writtenOffEach() default 3;

    @AttributeDefinition(
            name = "Written-off workers",
            min = "1",
            max = "1000000",
            description = "With so many invocations in all that overran and are still alive, a handler that overruns is"
                    + " quarantined at once.")
    int writtenOff() default 64;

    @AttributeDefinition(
            name = "Queue size",
            min = "65536",
            max = "17179869184",
            description =
                    "Bytes of events that may wait in memory between the bus and the dispatcher. When it is nearly full,"
                            + " what comes goes to disk. When it is full because the disk is, or is left out, the senders wait"
                            + " on the embedded bus; on a bus that somebody else serves, what comes then is given up.")
    long queueBytes() default 67_108_864;

    @AttributeDefinition(
            name = "Spill size",
            min = "0",
            max = "1099511627776",
            description =
                    "Bytes on disk for events that memory has no place for. What is still queued when the runtime stops"
                            + " is kept there, too, whatever the size, and handled first after the next start. 0 leaves the disk"
                            + " out: what is there is still read.")
    long spillBytes() default 1_073_741_824;

    @AttributeDefinition(
            name = "Spill folder",
            description =
                    "Where those files are; empty is health/spill in the journal. One runtime at a time can use it. Read"
                            + " at the start.")
    String spillFolder() default "";

    @AttributeDefinition(
            name = "Allowance",
            min = "0",
            max = "17179869184",
            description =
                    "Bytes beyond the queue size for what this runtime's own bundles emit. Past it, emitting is refused.")
    long allowanceBytes() default 16_777_216;

    @AttributeDefinition(
            name = "Start patience",
            min = "0",
            max = "3600000",
            description =
                    "Milliseconds after which events are dispatched even if the apps are not all up. Read at the start.")
    long startMillis() default 10_000;

    @AttributeDefinition(
            name = "Longest chain",
            min = "0",
            max = "1000",
            description =
                    "How many events, each emitted by a handler of the one before, may follow each other; the next one is"
                            + " refused. 0 for any number.")
    int maxChain() default 32;

    @AttributeDefinition(
            name = "Stop patience",
            min = "0",
            max = "3600000",
            description = "Milliseconds that the stop of the framework waits for queued events to be handled.")
    long drainMillis() default 30_000;

    @AttributeDefinition(
            name = "Parking time",
            min = "0",
            max = "3600000",
            description =
                    "Milliseconds that events are kept for an app that is away while it is updated. 0 keeps none.")
    long parkMillis() default 10_000;

    @AttributeDefinition(
            name = "Parked events",
            min = "0",
            max = "10000000",
            description = "How many events are kept for one app that is away. 0 keeps none.")
    int parkEvents() default 10_000;

    @AttributeDefinition(
            name = "Parked bytes",
            min = "0",
            max = "17179869184",
            description = "Bytes of events that are kept for one app that is away.")
    long parkBytes() default 16_777_216;

    @AttributeDefinition(
            name = "Health warning",
            min = "1",
            max = "86400000",
            description =
                    "Milliseconds an event may wait, or be under way, or an app be away, before the health checks warn.")
    long healthWarnMillis() default 10_000;

    @AttributeDefinition(
            name = "Health alarm",
            min = "1",
            max = "86400000",
            description =
                    "Milliseconds an event may wait, or be under way, before the health checks say that it is critical. More"
                            + " than the handler timeout.")
    long healthCriticalMillis() default 60_000;
}
