// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import org.osgi.framework.BundleException;

/** Why a bundle could not be changed or started, for people. */
public final class Reasons {
    private Reasons() {}

    /** The words of the innermost cause that has some to do with the bundle, and whether its activator is to blame. */
    public static String of(Exception failure) {
        Throwable cause = cause(failure);
        boolean isActivator =
                failure instanceof BundleException e && e.getType() == BundleException.ACTIVATOR_ERROR && cause != e;
        return isActivator ? "its activator threw " + cause : String.valueOf(cause.getMessage());
    }

    private static Throwable cause(Exception failure) {
        Throwable cause = failure;
        while (cause instanceof BundleException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
