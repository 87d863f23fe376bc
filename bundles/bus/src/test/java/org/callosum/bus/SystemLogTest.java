// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SystemLogTest {
    private final List<String> lines = new ArrayList<>();
    private final Exception failure = new Exception("a failure");
    private final SystemLog log = new SystemLog(new Lines());

    @Test
    void eachArgumentHasItsPlace() {
        log.info("nothing");
        log.warn("{} of {}", 1, "{}");
        log.error("{0} 'failed': {}", "x", failure);
        log.error("failed", failure);
        log.warn("{} is named, not thrown", failure);
        log.warn("{} and {}", 1);

        assertThat(lines)
                .containsExactly(
                        "INFO nothing null",
                        "WARNING 1 of {} null",
                        "ERROR {0} 'failed': x " + failure,
                        "ERROR failed " + failure,
                        "WARNING " + failure + " is named, not thrown null",
                        "WARNING 1 and {} null");
    }

    /** Keeps lines with their throwable; takes no format with arguments, for none is to come. */
    private final class Lines implements System.Logger {
        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
            lines.add(level + " " + text + " " + thrown);
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... arguments) {
            throw new AssertionError("A format: " + format);
        }
    }
}
