// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Locale;

/** Constants as words: how something stands, or what came of it. */
final class Words {
    private Words() {}

    /** For people: {@code timed out}. */
    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** For scripts, in one piece: {@code timed-out}. */
    static String key(Enum<?> constant) {
        return of(constant).replace(' ', '-');
    }
}
