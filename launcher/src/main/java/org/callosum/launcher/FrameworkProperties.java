// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** What the framework and the bundles are told at their start: the distribution's choices, and over them the user's. */
final class FrameworkProperties {
    /** The user's choices, in {@code etc/}. */
    static final String FILE = "framework.properties";

    /** The start level in which the framework has started. Apps have it; all else is below. */
    static final int START_LEVEL = 20;

    /** The one of safe mode: all but the apps. The shell has it. */
    static final int SAFE_START_LEVEL = START_LEVEL - 1;

    /** How long a stop may take, in milliseconds: by default longer than the core's patience and a handler's time limit. */
    static final String STOP_MILLIS = "callosum.stopMillis";

    private FrameworkProperties() {}

    /**
     * The properties of one run.
     *
     * @param journal the journal's folder, absolute
     * @param shell whether a shell has the terminal, so that the log goes to a file
     * @param safe whether no app is started
     */
    static Map<String, Object> of(Distribution distribution, Path journal, boolean shell, boolean safe)
            throws LaunchException {
        Map<String, Object> properties = new HashMap<>();
        properties.put("callosum.home", distribution.home().toString());
        properties.put("callosum.journal", journal.toString());
        properties.put("callosum.apps", folder(distribution.apps()).toString());
        if (shell) {
            properties.put("callosum.log.file", distribution.log().toString());
            properties.put("gosh.home", distribution.home().toString());
        }
        properties.put("org.osgi.framework.storage", distribution.cache().toString());
        properties.put(
                "org.osgi.framework.startlevel.beginning", Integer.toString(safe ? SAFE_START_LEVEL : START_LEVEL));
        // A new version of an app is looked at beside the old one, before it replaces it.
        properties.put("org.osgi.framework.bsnversion", "multiple");
        // It has some thirty bundles to resolve: to hand each's parts to other threads takes longer than to do them.
        properties.put("felix.resolver.parallelism", "1");
        properties.put("org.osgi.service.log.admin.loglevel", "INFO");
        properties.put("ds.loglevel", "warn"); // at INFO it greets
        // What it has read of a bundle's XML it keeps in data/cache, until the bundle changes.
        properties.put("ds.cache.metadata", "true");
        // Enough that nothing is forgotten before the first, and after the last, is written.
        properties.put("org.apache.felix.log.maxSize", "1000");
        properties.put("org.apache.felix.log.storeDebug", "true");
        properties.put(STOP_MILLIS, "90000");
        putFileInstall(properties, distribution);
        putUsers(properties, distribution);
        return properties;
    }

    private static void putFileInstall(Map<String, Object> properties, Distribution distribution)
            throws LaunchException {
        if (distribution.home().toString().contains(",")) {
            throw new LaunchException("'" + distribution.home()
                    + "' holds a comma, which File Install takes for the end of a folder's name: rename the folder.");
        }
        // The settings first: what an app finds at its start is what the user wants.
        properties.put("felix.fileinstall.dir", folder(distribution.etc()) + "," + folder(distribution.apps()));
        // Hidden files are those that a careful copy has not yet renamed.
        properties.put("felix.fileinstall.filter", "[^.].*\\.(jar|cfg|config)");
        properties.put("felix.fileinstall.subdir.mode", "skip");
        // A new file is taken when its size and time are the same in two polls: in a second, at this pace.
        properties.put("felix.fileinstall.poll", "500");
        // Its first scan is part of its start: settings and apps are there before the bus is.
        properties.put("felix.fileinstall.noInitialDelay", "true");
        // Looks itself instead of being told: told, it does not see that the last of the jars went while it was down.
        properties.put("felix.fileinstall.disableNio2", "true");
        // Apps are org.callosum.deploy's to start.
        properties.put("felix.fileinstall.bundles.new.start", "false");
        properties.put("felix.fileinstall.log.level", "2");
        properties.put(
                "felix.fileinstall.tmpdir", distribution.data().resolve("tmp").toString());
    }

    /** The folder under its real name, which File Install knows the files in it by; it is made if it is missing. */
    private static Path folder(Path place) throws LaunchException {
        try {
            return Files.createDirectories(place).toRealPath();
        } catch (IOException e) {
            throw new LaunchException("'" + place + "' is no folder that can be read: " + e, e);
        }
    }

    private static void putUsers(Map<String, Object> properties, Distribution distribution) throws LaunchException {
        Path file = distribution.etc().resolve(FILE);
        if (!Files.exists(file)) {
            return;
        }
        var users = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            users.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new LaunchException("'" + file + "' cannot be read: " + e.getMessage(), e);
        }
        users.stringPropertyNames().forEach(name -> properties.put(name, users.getProperty(name)));
    }
}
