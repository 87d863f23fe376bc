// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class NumberedTrafficTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @TempDir
    Path folder;

    private final Checker checker = new Checker();
    private SeeingBus bus;

    @BeforeEach
    void openBus() throws Exception {
        bus = new SeeingBus(folder.resolve("bus"));
    }

    @AfterEach
    void closeBus() throws Exception {
        bus.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 1_000, 20_000})
    void everyNumberIsSentOnceInOrder(int perSecond) throws Exception {
        try (NumberedTraffic traffic = connect(0)) {
            traffic.start(perSecond);
            assertThat(checker.awaitNumber("a", perSecond / 10, PATIENCE)).isTrue();
            long last = traffic.stop();

            assertThat(last).isGreaterThanOrEqualTo(perSecond / 10);
            assertThat(checker.awaitNumber("a", last, PATIENCE)).isTrue();
            assertThat(checker.tally("a", last).isClean()).isTrue();
            assertThat(checker.tally("a", last).seen()).isEqualTo(last);
        }
    }

    @Test
    void numbersGoOnAfterAStopAndOnAnotherConnection() throws Exception {
        long last;
        try (NumberedTraffic traffic = connect(0)) {
            assertThat(traffic.sendOne()).isEqualTo(1);
            traffic.start(1_000);
            assertThat(checker.awaitNumber("a", 10, PATIENCE)).isTrue();
            traffic.stop();
            last = traffic.sendOne();
            assertThat(checker.awaitNumber("a", last, PATIENCE)).isTrue();
        }
        bus.close();
        bus = new SeeingBus(folder.resolve("other bus"));
        try (NumberedTraffic traffic = NumberedTraffic.connect(folder.resolve("other bus"), last, checker)) {
            assertThat(traffic.sendOne()).isEqualTo(last + 1);
            assertThat(checker.awaitNumber("a", last + 1, PATIENCE)).isTrue();
        }

        assertThat(checker.tally("a", last + 1).isClean()).isTrue();
    }

    @Test
    void aConnectionThatTheBusEndsIsTold() throws Exception {
        try (NumberedTraffic traffic = connect(0)) {
            traffic.start(100);
            assertThat(checker.awaitNumber("a", 1, PATIENCE)).isTrue();
            bus.throwOff();
            traffic.awaitEnd();

            assertThatThrownBy(traffic::stop)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The bus ended the connection behind number");
        }
    }

    private NumberedTraffic connect(long last) throws Exception {
        return NumberedTraffic.connect(folder.resolve("bus"), last, checker);
    }
}
