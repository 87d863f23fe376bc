// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** The jars that are not in effect as they are now, each with the reason. Not safe for use by several threads. */
final class HeldJars {
    private final Map<Path, Held> held = new TreeMap<>();

    /** Why a jar, as it is now, is not in effect. */
    record Held(Kind kind, String reason) {
        enum Kind {
            /** It is not whole. It will change once more, which File Install says. */
            PARTIAL,
            /** It must change before it can be taken. */
            REFUSED,
            /** It can be taken when other bundles have come or gone. */
            WAITING
        }
    }

    void hold(Path jar, Held.Kind kind, String reason) {
        held.put(jar, new Held(kind, reason));
    }

    void remove(Path jar) {
        held.remove(jar);
    }

    boolean contains(Path jar) {
        return held.containsKey(jar);
    }

    boolean isPartial(Path jar) {
        return held.containsKey(jar) && held.get(jar).kind() == Held.Kind.PARTIAL;
    }

    boolean hasPartial() {
        return held.keySet().stream().anyMatch(this::isPartial);
    }

    /** Those that others may help, by name. */
    List<Path> waiting() {
        return held.keySet().stream()
                .filter(jar -> held.get(jar).kind() == Held.Kind.WAITING)
                .toList();
    }

    void forEach(BiConsumer<Path, Held> action) {
        held.forEach(action);
    }
}
