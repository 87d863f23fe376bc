// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.devlog;

import java.util.Locale;
import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.callosum.api.Printable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/**
 * Logs a line per event: tract, event, and the whole message, cut to a length and with nothing in it that breaks the line.
 *
 * <p>It listens only while there is a configuration of {@value #PID}, an empty one suffices: every event, with whatever
 * personal it holds, goes to the log, and that is for somebody to ask for.
 *
 * <p><b>Threads.</b> A change of the settings counts from the next event on.
 */
// The PID has no '-': File Install takes what follows one in a file's name for the name of one of several
// configurations.
@Component(
        service = EventHandler.class,
        configurationPid = EventLog.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@OnEvent(tract = "*", event = "*")
@Designate(ocd = EventLog.Config.class)
public final class EventLog implements CallosumEventHandler {
    static final String PID = "org.callosum.apps.devlog";

    /** The settings. */
    @ObjectClassDefinition(
            name = "Callosum development log",
            description = "Logs a line per event. Do not use where the log is itself put on the bus: each line would"
                    + " make the next.")
    @interface Config {
        /** The level of the lines. */
        @AttributeDefinition(
                name = "Level",
                description = "The level that events are logged at; the log service decides whether it is shown.",
                options = {
                    @Option(label = "Error", value = "error"),
                    @Option(label = "Warning", value = "warn"),
                    @Option(label = "Information", value = "info"),
                    @Option(label = "Debug", value = "debug"),
                    @Option(label = "Trace", value = "trace")
                })
        String level() default "info";

        /** The length that lines are cut to. */
        @AttributeDefinition(
                name = "Maximum length",
                description = "Characters a line has at most; a longer one is cut and ends with an ellipsis.",
                min = "1",
                max = "1000000")
        int maxLength() default 500;
    }

    private record Settings(Consumer<String> log, int maxLength) {}

    private final Logger logger;
    private volatile Settings settings;

    /**
     * Called by Declarative Services.
     *
     * @throws IllegalArgumentException if a setting is out of range
     */
    @Activate
    public EventLog(Config config, @Reference(service = LoggerFactory.class) Logger logger) {
        this.logger = logger;
        modified(config);
    }

    @Modified
    void modified(Config config) {
        if (config.maxLength() < 1 || config.maxLength() > 1_000_000) {
            throw new IllegalArgumentException("Setting 'maxLength' is " + config.maxLength() + ": it is 1 to 1000000");
        }
        settings = new Settings(at(config.level()), config.maxLength());
    }

    private Consumer<String> at(String level) {
        return switch (level.toLowerCase(Locale.ROOT)) {
            case "error" -> logger::error;
            case "warn" -> logger::warn;
            case "info" -> logger::info;
            case "debug" -> logger::debug;
            case "trace" -> logger::trace;
            default ->
                throw new IllegalArgumentException("Setting 'level' is " + Printable.quoted(level)
                        + ": it is one of error, warn, info, debug, trace");
        };
    }

    @Override
    public void handle(EventContext context) {
        Settings now = settings;
        now.log().accept(Printable.of(context.msg() + " " + context.msg().toJson(), now.maxLength()));
    }
}
