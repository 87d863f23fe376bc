// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.equinox;

import java.util.ServiceLoader;

import org.eclipse.osgi.launch.EquinoxFactory;
import org.junit.jupiter.api.Test;
import org.osgi.framework.launch.FrameworkFactory;

import static org.assertj.core.api.Assertions.assertThat;

/** What the other tests here rest on. */
class EquinoxIT {
    @Test
    void theOnlyFrameworkThatTheTestsFindIsEquinox() {
        assertThat(ServiceLoader.load(FrameworkFactory.class)).hasOnlyElementsOfType(EquinoxFactory.class);
    }
}
