// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.gogo;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;

import org.apache.felix.gogo.jline.Builtin;
import org.apache.felix.gogo.jline.Converters;
import org.apache.felix.gogo.jline.Posix;
import org.apache.felix.gogo.jline.Procedural;
import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Converter;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceRegistration;

/** The commands of the bundle {@code org.apache.felix.gogo.jline}, such as {@code grep} and {@code help}, where it does not run. */
final class ShellFunctions {
    private static final String SCOPE = "gogo";

    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

    private ShellFunctions() {}

    /** Registers them, unless they are there. */
    static ShellFunctions register(BundleContext context, CommandProcessor processor) {
        ShellFunctions functions = new ShellFunctions();
        if (!areThere(context)) {
            Dictionary<String, Object> scope = new Hashtable<>();
            scope.put(CommandProcessor.COMMAND_SCOPE, SCOPE);
            functions.registrations.add(context.registerService(
                    Converter.class, new Converters(context.getBundle(0).getBundleContext()), scope));
            functions.register(context, new Builtin());
            functions.register(context, new Procedural());
            functions.register(context, new Posix(processor));
            functions.register(context, new Shell(new SessionShell.Surroundings(null), processor));
        }
        return functions;
    }

    /** Takes them back. */
    void close() {
        for (ServiceRegistration<?> each : registrations) {
            try {
                each.unregister();
            } catch (IllegalStateException bundleHasStopped) {
                // Then the framework has done it.
            }
        }
        registrations.clear();
    }

    private static boolean areThere(BundleContext context) {
        try {
            return context.getServiceReferences(
                            (String) null, "(&(osgi.command.scope=gogo)(osgi.command.function=gosh))")
                    != null;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void register(BundleContext context, Object commands) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(CommandProcessor.COMMAND_SCOPE, SCOPE);
        properties.put(CommandProcessor.COMMAND_FUNCTION, names(commands.getClass()));
        registrations.add(context.registerService(Object.class, commands, properties));
    }

    /** The names that the bundle's activator would give: it keeps them to itself. */
    private static String[] names(Class<?> type) {
        try {
            Field names = type.getDeclaredField("functions");
            names.setAccessible(true);
            return (String[]) names.get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of org.apache.felix.gogo.jline is not known: " + e, e);
        }
    }
}
