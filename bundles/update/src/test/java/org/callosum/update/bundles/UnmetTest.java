// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.bundles;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class UnmetTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(osgi.wiring.package=a)|''",
                "(&(osgi.wiring.package=a)(version>=1.2.0))|' 1.2.0 or later'",
                "(&(osgi.wiring.package=a)(version>=1.2.0)(!(version>=2.0.0)))|' [1.2.0,2.0.0)'",
                "(&(osgi.wiring.package=a)(!(version>=2.0.0))(version>=1.2.0))|' [1.2.0,2.0.0)'"
            })
    void aFiltersVersionsAreShownAsAHeaderWritesThem(String filter, String range) {
        assertThat(Unmet.range(filter)).isEqualTo(range);
    }
}
