// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leaves out of a text what looks like a key, a password or a token. Rather too much than too little: what is left out is seen to be.
 */
final class Secrets {
    /** Stands for what was left out. One word, so that it stays as it is when a text is gone through again. */
    static final String LEFT_OUT = "<hidden>";

    private static final Pattern NAME = Pattern.compile(
            "pass(word|wd|phrase)?|secret|token|credential|auth|api.?key|private|(^|[^a-z])key($|[^a-z])|[a-z]key$|cookie|signature|salt");

    /** A name that says so, and what is set for it, in a setting, an address or JSON. */
    private static final Pattern ASSIGNED = Pattern.compile(
            "(?i)([\"']?[\\w.-]*(?:passw(?:or)?d|passphrase|secret|token|credential|api[_.-]?key|private[_.-]?key|authorization|cookie)"
                    + "[\\w.-]*[\"']?\\s*[=:]\\s*)(?!\\d{1,6}\\))(\"[^\"]*\"|'[^']*'|(?:Bearer|Basic)\\s+\\S+|[^\\s,;&}\\]]+)");

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN [A-Z ]*-----.*?(-----END [A-Z ]*-----|\\z)", Pattern.DOTALL);

    private static final Pattern SCHEME = Pattern.compile("(?i)\\b(Bearer|Basic)\\s+[\\w+/=.~-]{8,}");

    /** The user and the password in an address. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/\\s:@]+:[^/\\s@]+(?=@)");

    /** Keys of services that begin as they always do, and tokens of three parts. */
    private static final Pattern KNOWN = Pattern.compile(
            "\\b(?:sk|pk|rk|ghp|gho|ghs|glpat|xox[abprs]|AKIA|AIza)[-_A-Za-z0-9]{12,}|\\beyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*");

    /** Letters and digits without a break, as a key is: a path, a class or a number is none. */
    private static final Pattern LONG = Pattern.compile("(?<![\\w/.$+-])[A-Za-z0-9+_-]{24,}={0,2}(?![\\w/.$+-])");

    private static final Pattern HEX = Pattern.compile("(?<![\\w.-])(?:[0-9a-f]{32,}|[0-9A-F]{32,})(?![\\w.-])");

    private Secrets() {}

    /** The value of a setting, as far as neither the setting's name nor the value looks like a secret. */
    static String value(String name, String value) {
        return NAME.matcher(name.toLowerCase(Locale.ROOT)).find() ? LEFT_OUT : text(value);
    }

    /** A text without what looks like a secret in it. */
    static String text(String text) {
        String left = PEM.matcher(text).replaceAll(LEFT_OUT);
        left = ASSIGNED.matcher(left).replaceAll("$1" + LEFT_OUT);
        left = SCHEME.matcher(left).replaceAll("$1 " + LEFT_OUT);
        left = USER_INFO.matcher(left).replaceAll(LEFT_OUT);
        left = KNOWN.matcher(left).replaceAll(LEFT_OUT);
        left = HEX.matcher(left).replaceAll(LEFT_OUT);
        return LONG.matcher(left)
                .replaceAll(found -> isMixed(found.group()) ? LEFT_OUT : Matcher.quoteReplacement(found.group()));
    }

    /** Small and large letters and digits, often taking turns: no word of a person's, and no name of a class. */
    private static boolean isMixed(String word) {
        int digits = 0;
        int turns = 0;
        for (int i = 0; i < word.length(); i++) {
            digits += Character.isDigit(word.charAt(i)) ? 1 : 0;
            turns += i > 0 && kind(word.charAt(i)) != kind(word.charAt(i - 1)) ? 1 : 0;
        }
        return digits >= 2 && turns >= word.length() / 4;
    }

    private static int kind(char c) {
        return Character.isDigit(c) ? 0 : Character.isUpperCase(c) ? 1 : Character.isLowerCase(c) ? 2 : 3;
    }
}
