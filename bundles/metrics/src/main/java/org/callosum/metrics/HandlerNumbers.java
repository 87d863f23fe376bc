// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

/** One handler over JMX, as a row of a table. Public, because JMX demands it. */
public interface HandlerNumbers {
    /** Its app. */
    String getApp();

    /** Its name. */
    String getName();

    /** Its {@code service.id}. */
    long getServiceId();

    /** The bundle that registered it: symbolic name and version. */
    String getBundle();

    /** How it stands: {@code ACTIVE}, {@code FAILED}, {@code BAD}, {@code QUARANTINED} or {@code PARKED}. */
    String getState();

    /** Why it is not called, and how to mend it; empty if it is called. */
    String getProblem();

    /** How often it was invoked. */
    long getInvoked();

    /** How often it threw, or could not be had. */
    long getFailed();

    /** How often it overran the time limit. */
    long getTimedOut();

    /** How many of its invocations run now. */
    int getRunning();

    /** Half of its invocations took no longer, in milliseconds. */
    double getP50Millis();

    /** 99 of 100 took no longer, in milliseconds. */
    double getP99Millis();

    /** The longest, in milliseconds. */
    double getMaxMillis();

    /** How long events waited behind its slow invocations, all together. */
    long getDelayCausedMillis();
}
