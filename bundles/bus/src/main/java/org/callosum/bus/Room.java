// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

/** The memory that one connection may take for what cannot be passed on yet. */
interface Room {
    /** There is always some. */
    Room ENDLESS = new Room() {
        @Override
        public boolean take(int bytes) {
            return true;
        }

        @Override
        public void giveBack(int bytes) {}
    };

    /**
     * Takes some.
     *
     * @return whether it was taken; {@code false} if there is none left for this connection
     */
    boolean take(int bytes);

    /** Is told that so much of what was taken is needed no more. */
    void giveBack(int bytes);
}
