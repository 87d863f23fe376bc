// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Has a log written on a thread of its own: a line takes the bus's loop as long as several hundred frames do, and one that the log
 * does not take, because a disk is full or nobody reads a pipe, would hold everybody up.
 *
 * <p>While the log takes nothing {@value #CAPACITY} lines wait. One more is left out, and how many were is said in their place.
 * The thread starts with a line, and ends when none has come for a while.
 *
 * <p><b>Threads.</b> Any thread logs, and does not wait. {@link #close} is called once, when nobody logs any more.
 */
final class AsideLog implements AutoCloseable {
    /** How many lines may wait. */
    static final int CAPACITY = 1_000;

    /** For how long the end waits for the lines that are left. */
    private static final long GRACE_MILLIS = 1_000;

    private final Logger log;
    private final Logger logger;
    private final AtomicLong leftOut = new AtomicLong();
    private final OnDemandThread thread = new OnDemandThread("callosum-bus-log", new ArrayBlockingQueue<>(CAPACITY));

    /** Makes one that has its lines written to this log. */
    AsideLog(Logger log) {
        this.log = log;
        logger = (Logger) Proxy.newProxyInstance(
                AsideLog.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (method.getReturnType() != void.class) { // isWarnEnabled(), getName(): they write nothing
                        return call(method, arguments);
                    }
                    Object[] now = asTheyAreNow(arguments);
                    add(() -> write(method, now));
                    return null;
                });
    }

    /** Writes to the log, soon. */
    Logger logger() {
        return logger;
    }

    /** Ends, when what waits is written, or after a moment: then what is left is left out. */
    @Override
    public void close() {
        sayLeftOut();
        thread.end();
        try {
            thread.join(GRACE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.endNow();
    }

    private void add(Runnable line) {
        sayLeftOut();
        if (!queue(line)) {
            leftOut.incrementAndGet();
        }
    }

    private void sayLeftOut() {
        long count = leftOut.getAndSet(0);
        if (count > 0 && !queue(() -> warnOf(count))) {
            leftOut.addAndGet(count);
        }
    }

    private void warnOf(long count) {
        log.warn(
                "{} lines about the bus are missing here: the log did not take them{}",
                count,
                KeyValues.of("left_out", count));
    }

    private boolean queue(Runnable line) {
        try {
            thread.execute(line);
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError noRoomOrNoThread) {
            return false;
        }
    }

    private void write(Method method, Object[] arguments) {
        try {
            call(method, arguments);
        } catch (Throwable logFailed) {
            return; // A log is foreign code, and there is nothing left to say it with.
        }
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(log, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The texts of what may be another when the line is written, which is the loop's alone besides. */
    private static Object[] asTheyAreNow(Object[] arguments) {
        return Arrays.stream(arguments).map(AsideLog::asItIsNow).toArray();
    }

    private static Object asItIsNow(Object argument) {
        if (argument instanceof Object[] several) {
            return asTheyAreNow(several);
        }
        boolean isFixed = argument == null
                || argument instanceof Number
                || argument instanceof KeyValues
                || argument instanceof Throwable;
        return isFixed ? argument : argument.toString();
    }
}
