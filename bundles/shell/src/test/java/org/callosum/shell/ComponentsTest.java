// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.callosum.shell.Components.Kind;
import org.callosum.shell.Components.Missing;
import org.junit.jupiter.api.Test;
import org.osgi.framework.dto.BundleDTO;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class ComponentsTest {
    private static final long APP = 5;
    private static final long LIBRARY = 6;

    private final Map<ComponentDescriptionDTO, ComponentConfigurationDTO> all = new LinkedHashMap<>();

    @Test
    void whatIsThereLacksNothing() {
        add(APP, "com.example.Door", ComponentConfigurationDTO.ACTIVE);
        add(APP, "com.example.Lazy", ComponentConfigurationDTO.SATISFIED);

        assertThat(missing()).isEmpty();
        assertThat(new Components(null).missing(bundle -> true))
                .as("nobody to ask")
                .isEmpty();
    }

    @Test
    void aComponentSaysWhichServiceItLacksAndWhoWouldProvideIt() {
        lacking(APP, "com.example.Door", "journal", "com.example.Journal", "(kind=day)");
        lacking(LIBRARY, "com.example.JournalImpl", "disk", "com.example.Disk", null).serviceInterfaces =
                new String[] {"com.example.Journal"};

        assertThat(missing())
                .as("the library is no app: it is named as the cause alone")
                .singleElement()
                .isEqualTo(new Missing(
                        APP,
                        "bundle" + APP,
                        "com.example.Door",
                        Map.of(),
                        Kind.REFERENCE,
                        "lacks its reference 'journal': there is no service com.example.Journal with (kind=day), for its"
                                + " component 'com.example.JournalImpl' of bundle 6 bundle6 is not there either"));
    }

    @Test
    void whoeverHasATractWouldBeAHandlerAppOrNot() {
        lacking(LIBRARY, "com.example.Handler", "x", "com.example.X", null).properties = Map.of("tract", "door");

        assertThat(missing()).extracting(Missing::name).containsExactly("com.example.Handler");
    }

    @Test
    void aConfigurationAndAnActivationThatAreMissingAreToldApart() {
        add(APP, "com.example.Log", ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION);
        configuration(add(APP, "com.example.Broken", ComponentConfigurationDTO.FAILED_ACTIVATION)).failure =
                "java.lang.reflect.InvocationTargetException\n\tat x\nCaused by: java.io.IOException: full\n\tat y\n";

        assertThat(missing())
                .extracting(Missing::kind, Missing::why)
                .containsExactly(
                        tuple(Kind.CONFIGURATION, "lacks its configuration: set com.example.Log"),
                        tuple(Kind.ACTIVATION, "failed to activate: java.io.IOException: full"));
    }

    private List<Missing> missing() {
        ServiceComponentRuntime runtime = (ServiceComponentRuntime) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ServiceComponentRuntime.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getComponentDescriptionDTOs" -> new ArrayList<>(all.keySet());
                    case "getComponentConfigurationDTOs" ->
                        List.of(configuration((ComponentDescriptionDTO) arguments[0]));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return new Components(runtime).missing(bundle -> bundle == APP);
    }

    private ComponentConfigurationDTO configuration(ComponentDescriptionDTO of) {
        return all.get(of);
    }

    private ComponentDescriptionDTO add(long bundle, String name, int state) {
        ComponentDescriptionDTO component = new ComponentDescriptionDTO();
        component.bundle = new BundleDTO();
        component.bundle.id = bundle;
        component.bundle.symbolicName = "bundle" + bundle;
        component.name = name;
        component.properties = Map.of();
        component.serviceInterfaces = new String[0];
        component.references = new ReferenceDTO[0];
        component.configurationPid = new String[] {name};
        ComponentConfigurationDTO configuration = new ComponentConfigurationDTO();
        configuration.description = component;
        configuration.state = state;
        configuration.unsatisfiedReferences = new UnsatisfiedReferenceDTO[0];
        all.put(component, configuration);
        return component;
    }

    private ComponentDescriptionDTO lacking(long bundle, String name, String reference, String type, String target) {
        ComponentDescriptionDTO component = add(bundle, name, ComponentConfigurationDTO.UNSATISFIED_REFERENCE);
        ReferenceDTO declared = new ReferenceDTO();
        declared.name = reference;
        declared.interfaceName = type;
        component.references = new ReferenceDTO[] {declared};
        UnsatisfiedReferenceDTO unsatisfied = new UnsatisfiedReferenceDTO();
        unsatisfied.name = reference;
        unsatisfied.target = target;
        configuration(component).unsatisfiedReferences = new UnsatisfiedReferenceDTO[] {unsatisfied};
        return component;
    }
}
