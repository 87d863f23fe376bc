// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.apache.felix.service.command.CommandSession;
import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.Subscription;
import org.callosum.core.TractStatus;
import org.callosum.transport.ConnectionStatus;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * What may follow a command, for Gogo's completion: a profile says for which commands it is asked. A service and no command:
 * nobody types it, and whatever is one is in the help of Felix's shell and of Karaf's.
 */
@Component(service = Candidates.class)
public final class Candidates {
    /** Where Gogo has what is typed so far, as a ParsedLine of JLine's. */
    private static final String LINE = ".commandLine";

    /** Options of ours that a value follows. */
    private static final Set<String> VALUED = Set.of("-t", "--timeout", "--tract", "-e", "--event");

    private final Dispatcher dispatcher;
    private final Bridge bridge;
    private final Sight sight;

    /**
     * Asks these.
     *
     * @param dispatcher {@code null} if there is none
     * @param bridge {@code null} if there is none
     */
    @Activate
    public Candidates(
            BundleContext context,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Bridge bridge) {
        this.dispatcher = dispatcher;
        this.bridge = bridge;
        this.sight = new Sight(context, dispatcher, bridge);
    }

    /** The words that may stand where the cursor is, behind this command; none for one that is not known. */
    public List<String> of(CommandSession session, String command) {
        List<String> typed = typed(session);
        List<String> before = withoutOptions(typed);
        Stream<String> candidates =
                switch (command) {
                    case "handler", "quarantine", "release" -> before.isEmpty() ? handlers() : Stream.of();
                    case "handlers" -> before.isEmpty() ? Stream.concat(apps(), handlers()) : Stream.of();
                    case "app", "apps", "update", "remove" -> before.isEmpty() ? apps() : Stream.of();
                    case "disconnect" -> before.isEmpty() ? connections() : Stream.of();
                    case "explain", "trace", "send" ->
                        before.isEmpty() ? tracts() : before.size() == 1 ? events(before.get(0)) : Stream.of();
                    case "listen", "replay" -> valueOf(typed.isEmpty() ? "" : typed.get(typed.size() - 1));
                    default -> Stream.of();
                };
        return candidates.distinct().sorted().toList();
    }

    /** What stands between the command and the cursor. */
    private static List<String> typed(CommandSession session) {
        Object line = session.get(LINE);
        try {
            if (line != null
                    && JLine.call(line, "words") instanceof List<?> words
                    && JLine.call(line, "wordIndex") instanceof Integer at) {
                return words.stream().limit(at).skip(1).map(String::valueOf).toList();
            }
        } catch (ReflectiveOperationException notJLine) {
            // Then it is as if nothing stood there.
        }
        return List.of();
    }

    private static List<String> withoutOptions(List<String> typed) {
        List<String> words = new ArrayList<>();
        boolean isValue = false;
        for (String word : typed) {
            if (!isValue && !word.startsWith("-")) {
                words.add(word);
            }
            isValue = VALUED.contains(word);
        }
        return words;
    }

    /** What an option of 'listen' or 'replay' may have as its value. */
    private Stream<String> valueOf(String option) {
        return switch (option) {
            case "-t", "--tract" -> tracts();
            case "-e", "--event" -> events(Subscription.ANY);
            default -> Stream.of();
        };
    }

    private Collection<HandlerStatus> all() {
        return dispatcher == null ? List.of() : dispatcher.handlers();
    }

    /** By their names, which say more than their ids. */
    private Stream<String> handlers() {
        return all().stream().map(each -> each.app() + "/" + each.name());
    }

    private Stream<String> apps() {
        return sight.apps().stream().map(each -> each.bundle().app());
    }

    private Stream<String> connections() {
        return bridge == null
                ? Stream.of()
                : bridge.connections().stream().map(ConnectionStatus::id).map(id -> Long.toString(id));
    }

    /** Those that were seen, and those that somebody waits for. */
    private Stream<String> tracts() {
        Stream<String> seen =
                bridge == null ? Stream.of() : bridge.tracts().stream().map(TractStatus::tract);
        return Stream.concat(seen, subscriptions().map(Subscription::tract)).filter(Candidates::isName);
    }

    /** Those of a tract that somebody waits for; what was seen is counted by tract alone. */
    private Stream<String> events(String tract) {
        return subscriptions()
                .filter(each -> tract.equals(Subscription.ANY)
                        || each.tract().equals(tract)
                        || each.tract().equals(Subscription.ANY))
                .map(Subscription::event)
                .filter(Candidates::isName);
    }

    private Stream<Subscription> subscriptions() {
        return all().stream().flatMap(each -> each.subscriptions().stream());
    }

    private static boolean isName(String name) {
        return !name.equals(Subscription.ANY);
    }
}
