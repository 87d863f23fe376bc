// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import org.callosum.api.Message;

/**
 * Tells whether a message that comes from the bus is one that was sent there.
 *
 * <p>Compared is what they say, not how it is written: a bus may write the text anew. It adds {@code ts} where there is
 * none, and one that reads numbers as doubles gives {@code 1e400} back as {@code Infinity}.
 */
final class Echo {
    private Echo() {}

    /** Whether what was heard is what was sent, a {@code ts} that the bus added aside. */
    static boolean isEcho(Message sent, Message heard) {
        if (!sent.event().equals(heard.event()) || !sent.tract().equals(heard.tract())) {
            return false; // most of what others send ends here, undecoded
        }
        Map<String, Object> expected = sent.toMap();
        Map<String, Object> actual = heard.toMap();
        boolean stamped = !expected.containsKey(Message.TS) && actual.containsKey(Message.TS);
        return actual.size() == expected.size() + (stamped ? 1 : 0) && hasAll(actual, expected);
    }

    private static boolean hasAll(Map<?, ?> actual, Map<?, ?> expected) {
        return expected.entrySet().stream()
                .allMatch(field ->
                        actual.containsKey(field.getKey()) && same(actual.get(field.getKey()), field.getValue()));
    }

    private static boolean same(Object one, Object other) {
        if (one instanceof Map<?, ?> a && other instanceof Map<?, ?> b) {
            return a.size() == b.size() && hasAll(a, b);
        }
        if (one instanceof List<?> a && other instanceof List<?> b) {
            return a.size() == b.size() && sameElements(a.iterator(), b.iterator());
        }
        if (one instanceof Number a && other instanceof Number b) {
            return a.equals(b)
                    || Double.compare(a.doubleValue(), b.doubleValue()) == 0 && (isFraction(a) || isFraction(b));
        }
        return one == null ? other == null : one.equals(other);
    }

    private static boolean sameElements(Iterator<?> one, Iterator<?> other) {
        while (one.hasNext()) {
            if (!same(one.next(), other.next())) {
                return false;
            }
        }
        return true;
    }

    /** Whether a number was written with a fraction or an exponent: such a one is a double to most of those on a bus. */
    private static boolean isFraction(Number number) {
        return number instanceof Double || number instanceof BigDecimal;
    }
}
