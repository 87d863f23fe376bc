// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.util.ArrayList;
import java.util.List;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * What the dispatcher says of parked events. Its types are not known here, only their names: a bundle that imported them would
 * be refreshed with the API, and the test with it.
 */
final class Parkings {
    /**
     * What was parked for a bundle once.
     *
     * @param parked how many events were
     * @param handedOver how many of those the bundle got
     * @param givenUp how many it did not
     */
    record Parked(long parked, long handedOver, long givenUp) {}

    private final BundleContext context;

    Parkings(BundleContext context) {
        this.context = context;
    }

    /** What is parked for a bundle, and what was, the latest first. */
    List<Parked> of(Bundle bundle) throws ReflectiveOperationException, InvalidSyntaxException {
        // Whether a bundle can be given the service, which the plain look-up asks, would wire the test's bundle, which
        // imports what it meets, to the core. So this is asked in the core's own name.
        ServiceReference<?> reference = context.getAllServiceReferences("org.callosum.core.Dispatcher", null)[0];
        BundleContext core = reference.getBundle().getBundleContext();
        Object dispatcher = core.getService(reference);
        try {
            List<Parked> all = new ArrayList<>();
            for (String list : List.of("parked", "parkedBefore")) {
                for (Object each : (List<?>) reference
                        .getBundle()
                        .loadClass("org.callosum.core.Dispatcher")
                        .getMethod(list)
                        .invoke(dispatcher)) {
                    if (number(each, "bundleId") == bundle.getBundleId()) {
                        all.add(new Parked(
                                number(each, "parked"), number(each, "handedOver"), number(each, "givenUp")));
                    }
                }
            }
            return all;
        } finally {
            core.ungetService(reference);
        }
    }

    private static long number(Object status, String name) throws ReflectiveOperationException {
        return (Long) status.getClass().getMethod(name).invoke(status);
    }
}
