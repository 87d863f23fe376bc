// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.callosum.api.KeyValues;
import org.callosum.core.AppMark;
import org.callosum.deploy.HeldJars.Held;
import org.callosum.update.Reasons;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.service.log.Logger;

/** Says what is wrong with a jar once, and once more if it is something else. Confined to the folder's thread. */
final class Reports {
    private final AppBundles bundles;
    private final Components components;
    private final Logger logger;
    private final Map<Path, String> said = new HashMap<>();

    Reports(AppBundles bundles, Components components, Logger logger) {
        this.bundles = bundles;
        this.components = components;
        this.logger = logger;
    }

    /** A jar is not whole, which it may be soon. */
    void partial(Path jar, String reason) {
        logger.info(
                "'{}' is not whole yet ({}): left alone until it is{}{}",
                name(jar),
                reason,
                meanwhile(jar),
                jarKeyValues(jar).and("reason", reason));
    }

    /** A jar is not in effect as it is now. */
    void held(Path jar, Held why) {
        String line =
                switch (why.kind()) {
                    case PARTIAL -> "'" + name(jar) + "' is still not whole (" + why.reason() + "): copy it again";
                    case REFUSED, WAITING -> "'" + name(jar) + "' is not taken: " + why.reason();
                };
        KeyValues values = bundles.of(jar).map(app -> keyValues(jar, app)).orElse(jarKeyValues(jar));
        say(jar, line + meanwhile(jar), values.and("reason", why.reason()), null);
    }

    /**
     * An app does not run, or does again.
     *
     * @param failure why it could not be started; {@code null} if it could
     */
    void app(Path jar, Bundle app, BundleException failure) {
        String what = "'" + name(jar) + "' (" + describe(app) + ") ";
        // An activator that takes no notice of its interrupt is still starting.
        boolean isStuck = failure != null && app.getState() == Bundle.STARTING;
        if (!AppBundles.isWanted(app) || bundles.isHeldBack(app)) {
            forget(jar);
        } else if (isStuck || !AppBundles.isRunning(app)) {
            List<String> unmet = bundles.unmet(app);
            if (!unmet.isEmpty()) {
                say(jar, app, what + "does not run: ", String.join("; ", unmet), null);
            } else {
                say(
                        jar,
                        app,
                        what + "does not run: ",
                        failure == null ? "it was stopped" : Reasons.of(failure),
                        failure);
            }
        } else {
            List<String> waiting = components.waiting(app);
            if (!waiting.isEmpty()) {
                say(jar, app, what + "runs, but ", String.join("; ", waiting), null);
            } else {
                mended(jar, app);
            }
        }
    }

    private void say(Path jar, Bundle app, String line, String reason, BundleException failure) {
        say(jar, line + reason, keyValues(jar, app).and("reason", reason), failure);
    }

    /**
     * Warns, unless that was said of the jar last.
     *
     * @param values those of the line
     * @param failure its cause is logged with its stack trace; {@code null} if there is none
     */
    private void say(Path jar, String line, KeyValues values, BundleException failure) {
        if (line.equals(said.put(jar, line))) {
            return;
        }
        if (failure == null || failure.getCause() == null) {
            logger.warn("{}{}", line, values);
        } else {
            logger.warn("{}{}", line, values, failure.getCause());
        }
    }

    /** Says that it is mended, if something was wrong. */
    private void mended(Path jar, Bundle app) {
        if (said.remove(jar) != null) {
            logger.info("'{}' runs: {}{}", name(jar), describe(app), keyValues(jar, app));
        }
    }

    /** The jar is gone, or nobody wants it to run. */
    void forget(Path jar) {
        said.remove(jar);
    }

    /** What is in effect while a jar is not. */
    private String meanwhile(Path jar) {
        return bundles.of(jar)
                .filter(AppBundles::isRunning)
                .map(app -> "; " + describe(app) + " runs on")
                .orElse("");
    }

    /** An app as lines name it. */
    static String describe(Bundle app) {
        return app.getSymbolicName() + " " + app.getVersion();
    }

    /** A jar and the app in it, for the values of a log line. */
    static KeyValues keyValues(Path jar, Bundle app) {
        return jarKeyValues(jar).and(AppMark.keyValues(app));
    }

    /** A jar, for the values of a log line. */
    static KeyValues jarKeyValues(Path jar) {
        return KeyValues.of("jar", name(jar));
    }

    /** A jar as lines name it. */
    static String name(Path jar) {
        return jar.getFileName().toString();
    }
}
