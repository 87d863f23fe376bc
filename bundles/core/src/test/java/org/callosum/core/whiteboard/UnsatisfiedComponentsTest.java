// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.callosum.core.AbsentComponent;
import org.callosum.core.AbsentComponent.Cause;
import org.junit.jupiter.api.Test;
import org.osgi.framework.dto.BundleDTO;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;
import org.osgi.service.event.EventHandler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class UnsatisfiedComponentsTest {
    private static final long APP = 5;
    private static final long LIBRARY = 6;

    private final Map<ComponentDescriptionDTO, ComponentConfigurationDTO> all = new LinkedHashMap<>();
    private final List<ComponentDescriptionDTO> disabled = new ArrayList<>();

    @Test
    void whatIsThereLacksNothing() {
        add(APP, "com.example.Door", ComponentConfigurationDTO.ACTIVE);
        add(APP, "com.example.Lazy", ComponentConfigurationDTO.SATISFIED);

        assertThat(absent()).isEmpty();
    }

    @Test
    void aComponentSaysWhichServiceItLacksAndWhoWouldGiveIt() {
        lacking(APP, "com.example.Door", "journal", "com.example.Journal", "(kind=day)").serviceInterfaces =
                new String[] {EventHandler.class.getName()};
        lacking(LIBRARY, "com.example.JournalImpl", "disk", "com.example.Disk", null).serviceInterfaces =
                new String[] {"com.example.Journal"};

        assertThat(absent())
                .containsExactly(
                        new AbsentComponent(
                                APP,
                                "bundle5",
                                "com.example.Door",
                                true,
                                Cause.REFERENCE,
                                "its reference 'journal' is missing: there is no service com.example.Journal that matches"
                                        + " (kind=day) (com.example.JournalImpl of bundle6 would give it, but its reference"
                                        + " 'disk' is missing: there is no service com.example.Disk)"),
                        new AbsentComponent(
                                LIBRARY,
                                "bundle6",
                                "com.example.JournalImpl",
                                false,
                                Cause.REFERENCE,
                                "its reference 'disk' is missing: there is no service com.example.Disk"));
    }

    @Test
    void thoseThatLackEachOtherAreToldOnce() {
        lacking(APP, "com.example.Hen", "egg", "com.example.Egg", null).serviceInterfaces =
                new String[] {"com.example.Hen"};
        lacking(APP, "com.example.Egg", "hen", "com.example.Hen", null).serviceInterfaces =
                new String[] {"com.example.Egg"};

        assertThat(absent().get(0).reason())
                .isEqualTo(
                        "its reference 'egg' is missing: there is no service com.example.Egg (com.example.Egg of bundle5"
                                + " would give it, but its reference 'hen' is missing: there is no service com.example.Hen"
                                + " (com.example.Hen of bundle5 would give it, but its reference 'egg' is missing: there is no"
                                + " service com.example.Egg))");
    }

    @Test
    void configurationActivationAndWhatIsNotEnabledAreToldApart() {
        add(APP, "com.example.Log", ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION);
        configuration(add(APP, "com.example.Broken", ComponentConfigurationDTO.FAILED_ACTIVATION)).failure =
                "java.lang.reflect.InvocationTargetException\n\tat x\nCaused by: java.io.IOException: full\n\tat y\n";
        disabled.add(add(APP, "com.example.Off", ComponentConfigurationDTO.ACTIVE));

        assertThat(absent())
                .extracting(AbsentComponent::cause, AbsentComponent::reason)
                .containsExactly(
                        tuple(
                                Cause.CONFIGURATION,
                                "it needs a configuration, and there is none of the PID com.example.Log"),
                        tuple(Cause.ACTIVATION, "its activation failed: java.io.IOException: full"),
                        tuple(Cause.DISABLED, "it is not enabled"));
    }

    private List<AbsentComponent> absent() {
        ServiceComponentRuntime runtime = (ServiceComponentRuntime) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ServiceComponentRuntime.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getComponentDescriptionDTOs" -> new ArrayList<>(all.keySet());
                    case "getComponentConfigurationDTOs" ->
                        List.of(configuration((ComponentDescriptionDTO) arguments[0]));
                    case "isComponentEnabled" -> !disabled.contains(arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return new UnsatisfiedComponents(null, runtime).components(); // asks for no bundle
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
