// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.util.concurrent.CountDownLatch;

/** Makes what a version of an app may leave behind. Loaded once more by each {@link OldVersion}. */
public final class Leaking {
    private static final ThreadLocal<Object> MARK = new ThreadLocal<>();
    private static final ThreadLocal<Object> FIRST = ThreadLocal.withInitial(() -> "a value of the JDK's");

    private Leaking() {}

    /** Of a class that only this version has. */
    static final class Mark {}

    /** A thread local of a class that only this version has. */
    static final class Own extends ThreadLocal<Object> {}

    /** What a thread may run: says that it does, and waits. */
    private record Waiting(CountDownLatch entered, CountDownLatch gate) implements Runnable {
        @Override
        public void run() {
            entered.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Makes something, by its name. */
    public static Object make(String what, CountDownLatch entered, CountDownLatch gate) {
        return switch (what) {
            case "waiting" -> new Waiting(entered, gate);
            case "mark" -> new Mark();
            case "sets a mark" -> (Runnable) () -> MARK.set(new Mark());
            case "sets an own" -> (Runnable) () -> new Own().set("a value of the JDK's");
            case "gets a first" -> (Runnable) FIRST::get;
            default -> throw new IllegalArgumentException(what);
        };
    }
}
