// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.callosum.api.Printable;
import org.callosum.core.Subscription;

/**
 * How the names that a handler listens to miss an event's. Immutable.
 *
 * @param distance the nearer, the smaller
 * @param reason a sentence for an operator
 */
record NearMiss(int distance, String reason) {
    private static final int LIKELY = 0;
    private static final int CLOSE = 1;
    private static final int SHARED = 2;

    /** How many letters of a name may be wrong, at most a third of them. */
    private static final int MAX_EDITS = 3;

    /** Longer names are not compared letter by letter. */
    private static final int MAX_COMPARED = 100;

    /** The nearest of a handler's subscriptions; empty if none is near. */
    static Optional<NearMiss> of(List<Subscription> subscriptions, String tract, String event) {
        return subscriptions.stream()
                .flatMap(subscription -> of(subscription, tract, event).stream())
                .min(Comparator.comparingInt(NearMiss::distance));
    }

    private static Optional<NearMiss> of(Subscription subscription, String tract, String event) {
        String its = name(subscription.tract()) + "/" + name(subscription.event());
        if (subscription.tract().equals(event) && subscription.event().equals(tract)) {
            return near(LIKELY, "listens to " + its + ": tract and event are the other way round");
        }
        Optional<NearMiss> ofTract = ofName("tract", subscription.tract(), tract);
        Optional<NearMiss> ofEvent = ofName("event", subscription.event(), event);
        boolean isTract = isMeant(subscription.tract(), tract);
        boolean isEvent = isMeant(subscription.event(), event);
        if ((isTract || ofTract.isPresent()) && (isEvent || ofEvent.isPresent())) {
            List<NearMiss> both =
                    Stream.of(ofTract, ofEvent).flatMap(Optional::stream).toList();
            int distance = both.stream().mapToInt(NearMiss::distance).max().orElse(CLOSE);
            return near(
                    distance,
                    "listens to " + its + ": "
                            + String.join(
                                    ", ", both.stream().map(NearMiss::reason).toList()));
        }
        if (subscription.tract().equals(tract)) {
            return near(SHARED, "listens to " + its + ": another event");
        }
        return subscription.event().equals(event)
                ? near(SHARED, "listens to " + its + ": another tract")
                : Optional.empty();
    }

    /** How one name misses; empty if it is the same, or not near. */
    private static Optional<NearMiss> ofName(String what, String its, String wanted) {
        if (isMeant(its, wanted)) {
            return Optional.empty();
        }
        if (its.strip().equalsIgnoreCase(wanted.strip())) {
            return near(
                    LIKELY,
                    what + " " + quoted(its) + " is not " + quoted(wanted) + ", "
                            + (its.equalsIgnoreCase(wanted) ? "upper and lower case count" : "blanks count"));
        }
        if (its.indexOf('*') >= 0 && glob(its).matcher(wanted).matches()) {
            return near(
                    LIKELY,
                    what + " " + quoted(its)
                            + " is a name, not a pattern: '*' alone is for all, several names are a list");
        }
        int most = Math.min(MAX_EDITS, Math.max(1, Math.min(its.length(), wanted.length()) / 3));
        return edits(its, wanted, most) <= most
                ? near(CLOSE, what + " " + quoted(its) + " is not " + quoted(wanted))
                : Optional.empty();
    }

    private static boolean isMeant(String its, String wanted) {
        return its.equals(Subscription.ANY) || its.equals(wanted);
    }

    private static Pattern glob(String name) {
        return Pattern.compile(Pattern.quote(name).replace("*", "\\E.*\\Q"), Pattern.DOTALL);
    }

    /** How many letters have to be added, taken away, replaced, or swapped with the next one; more than the most if that is more. */
    private static int edits(String one, String other, int most) {
        if (Math.abs(one.length() - other.length()) > most || Math.max(one.length(), other.length()) > MAX_COMPARED) {
            return most + 1;
        }
        int[][] edits = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int replaced = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                edits[i][j] = Math.min(edits[i - 1][j - 1] + replaced, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[one.length()][other.length()];
    }

    private static Optional<NearMiss> near(int distance, String reason) {
        return Optional.of(new NearMiss(distance, reason));
    }

    private static String name(String text) {
        return HandlersView.name(text);
    }

    private static String quoted(String text) {
        return Printable.quoted(text);
    }
}
