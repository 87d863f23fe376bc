// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.callosum.api.KeyValues;
import org.callosum.api.Printable;
import org.osgi.service.log.Logger;

/**
 * What is bridged, and the limits. Immutable.
 *
 * @param tracts the tracts whose messages are posted to EventAdmin; {@code *} is every one. Empty: none
 * @param topics the topics whose events are emitted, as {@code event.topics} takes them. Empty: none
 * @param tract the tract of what is emitted
 * @param queueEvents how many events may wait, each way
 * @param queueBytes bytes of messages that may wait for EventAdmin
 * @param stall after this long without an event handed on, EventAdmin is taken to hang
 */
record Settings(
        List<String> tracts, List<String> topics, String tract, int queueEvents, long queueBytes, Duration stall) {
    /** Stands for every tract, and for every topic. */
    static final String ANY = "*";

    /** OSGi Compendium 113.8.1: what {@code event.topics} may hold. */
    private static final Pattern TOPIC = Pattern.compile("\\*|[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*(/\\*)?");

    Settings {
        tracts = List.copyOf(tracts);
        topics = List.copyOf(topics);
    }

    /** The settings of a configuration. What cannot be is warned of, and left out or replaced: it stops nothing else. */
    static Settings of(Map<String, ?> configuration, Logger logger) {
        Numbers numbers = new Numbers(configuration, logger);
        String tract = Objects.toString(configuration.get("tract"), "").strip();
        List<String> topics = topics(configuration, logger);
        if (!topics.isEmpty() && (tract.isEmpty() || tract.equals(ANY))) {
            logger.warn(
                    "Setting 'tract' of {} is {}, but 'topics' names some: give the tract of their messages, one name;"
                            + " no topic is emitted{}",
                    EventAdminComponent.PID,
                    Printable.quoted(tract),
                    keyValues("tract", tract));
            topics = List.of();
        }
        return new Settings(
                names(configuration.get("tracts")).toList(),
                topics,
                tract,
                (int) numbers.get("queueEvents", 10_000, 1, 10_000_000),
                numbers.get("queueBytes", 16_777_216, 1, 1L << 34),
                Duration.ofMillis(numbers.get("stallMillis", 10_000, 1, 3_600_000)));
    }

    /** A setting, for the values of a log line. */
    static KeyValues keyValues(String setting, String value) {
        return KeyValues.of("configuration", EventAdminComponent.PID)
                .and("setting", setting)
                .and("value", value);
    }

    /** Whether messages of this tract are posted. */
    boolean listensTo(String name) {
        return tracts.contains(ANY) || tracts.contains(name);
    }

    private static List<String> topics(Map<String, ?> configuration, Logger logger) {
        return names(configuration.get("topics"))
                .filter(topic -> {
                    boolean valid = TOPIC.matcher(topic).matches();
                    if (!valid) {
                        logger.warn(
                                "Setting 'topics' of {} has {}: a topic is parts of letters, digits, '_' and '-',"
                                        + " separated by '/', and '*' may be the last; it is left out{}",
                                EventAdminComponent.PID,
                                Printable.quoted(topic),
                                keyValues("topics", topic));
                    }
                    return valid;
                })
                .toList();
    }

    /** A list, an array, or a text with commas, which is how a line of a {@code .cfg} file comes. */
    private static Stream<String> names(Object value) {
        Stream<?> values;
        if (value == null) {
            values = Stream.empty();
        } else if (value instanceof Collection<?> collection) {
            values = collection.stream();
        } else if (value instanceof Object[] array) {
            values = Stream.of(array);
        } else {
            values = Stream.of(value.toString().split(","));
        }
        return values.map(Object::toString)
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .distinct();
    }
}
