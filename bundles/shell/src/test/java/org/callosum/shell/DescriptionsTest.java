// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** What Gogo's {@code help} has to say, from the components as they were built. */
class DescriptionsTest {
    private static final Pattern FUNCTIONS =
            Pattern.compile("name=\"osgi.command.function\"[^>]*?(?:value=\"([^\"]*)\"|>([^<]*)<)");

    @ParameterizedTest
    @ValueSource(
            classes = {
                InspectCommands.class,
                HealthCommand.class,
                ConnectionCommands.class,
                SendCommand.class,
                ListenCommand.class,
                ReplayCommand.class,
                ExplainCommand.class,
                QuarantineCommand.class,
                TraceCommand.class,
                TopCommand.class,
                DiagnoseCommand.class,
                UpdateCommands.class,
                ReadyCommand.class
            })
    void everyCommandAndEachOfItsParametersIsDescribed(Class<?> component) throws IOException {
        List<String> functions = functions(component);

        assertThat(functions).isNotEmpty();
        for (String function : functions) {
            assertThat(Usage.of(function)).isNotNull();
            assertThat(methods(component, function)).as(function).hasSize(1).allSatisfy(method -> {
                assertThat(method.getAnnotation(Descriptor.class)).isNotNull();
                assertThat(Arrays.stream(method.getParameters())
                                .filter(parameter -> parameter.getType() != CommandSession.class))
                        .extracting((Parameter parameter) -> parameter.getAnnotation(Descriptor.class))
                        .doesNotContainNull();
            });
        }
    }

    /** Each of them is in the help of Felix's shell and of Karaf's. */
    @Test
    void whatIsACommandIsMeantToBeTyped() throws Exception {
        Path components = Path.of(InspectCommands.class
                .getResource("/OSGI-INF/" + InspectCommands.class.getName() + ".xml")
                .toURI());
        List<String> functions = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(components.getParent(), "*.xml")) {
            for (Path each : files) {
                functions.addAll(functions(Files.readString(each)));
            }
        }

        assertThat(functions)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Usage.values())
                        .map(usage -> usage.name().toLowerCase(Locale.ROOT))
                        .toList());
    }

    private static List<String> functions(Class<?> component) throws IOException {
        try (InputStream xml = component.getResourceAsStream("/OSGI-INF/" + component.getName() + ".xml")) {
            return functions(new String(xml.readAllBytes(), UTF_8));
        }
    }

    private static List<String> functions(String xml) {
        Matcher functions = FUNCTIONS.matcher(xml);
        return functions.find()
                ? Stream.of(functions.group(1), functions.group(2))
                        .filter(group -> group != null)
                        .flatMap(String::lines)
                        .map(String::strip)
                        .toList()
                : List.of();
    }

    private static List<Method> methods(Class<?> component, String name) {
        return Arrays.stream(component.getMethods())
                .filter(method -> method.getName().equals(name))
                .toList();
    }
}
