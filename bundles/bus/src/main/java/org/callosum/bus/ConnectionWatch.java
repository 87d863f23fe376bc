// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

/**
 * Is told when a client's connection begins and ends.
 *
 * <p><b>Threads.</b> Called by the client's loop, in order with what its receiver is given, and must not wait.
 */
public interface ConnectionWatch {
    /** Nobody watches. */
    ConnectionWatch NONE = new ConnectionWatch() {
        @Override
        public void connected() {}

        @Override
        public void lost(String reason) {}
    };

    /** The connection is there; called before anything that comes over it. */
    void connected();

    /**
     * It is gone.
     *
     * @param reason why, as the platform says it; may be {@code null}
     */
    void lost(String reason);
}
