// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class BenchCommandTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--count 0 | --count is 0: give a number from 1",
                "--rate -1 | --rate is -1: give a number from 1",
                "--subscribers 1001 | --subscribers is 1001: give a number from 1 to 1000",
                "--count 10000000 --subscribers 1000 | 10000000 messages, --count, to 1000 --subscribers are more than 10,000,000",
                "--rate 1000000 --subscribers 4 | 3000000 messages, three times --rate, to 4 --subscribers are more than"
            })
    void whatCannotBeMeasuredIsWrongUsage(String options, String problem) {
        Run run = Run.of(new BenchCommand(), options.split(" "));

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains(problem);
    }
}
