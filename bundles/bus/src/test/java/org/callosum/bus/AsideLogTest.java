// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.callosum.api.KeyValues;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.service.log.Logger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A log that takes its time, or nothing. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsideLogTest {
    private final RecordingLogger lines = new RecordingLogger();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch takes = new CountDownLatch(1);
    private final Logger slow = (Logger) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                if (method.getReturnType() == void.class) {
                    entered.countDown();
                    takes.await();
                }
                try {
                    return method.invoke(lines.logger(), arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
    private final AsideLog aside = new AsideLog(slow);

    @Test
    void whoLogsDoesNotWaitAndTheLinesComeInOrder() {
        IntStream.range(0, 100).forEach(i -> aside.logger().info("line {} of {}{}", i, "many", KeyValues.of("n", i)));
        assertThat(lines.lines()).isEmpty();

        takes.countDown();
        aside.close();
        assertThat(lines.lines())
                .isEqualTo(IntStream.range(0, 100)
                        .mapToObj(i -> "INFO line " + i + " of many [n=" + i + "]")
                        .toList());
    }

    @Test
    void aLineSaysWhatWasTrueWhenItWasLogged() throws Exception {
        StringBuilder state = new StringBuilder("before");
        Exception failure = new Exception("failed");
        aside.logger().warn("{} and {}{}", state, null, KeyValues.of("n", 1), failure);
        aside.logger().warn("{}", state);
        state.replace(0, state.length(), "after");

        takes.countDown();
        aside.close();
        assertThat(lines.lines()).containsExactly("WARN before and null [n=1]", "WARN before");
        assertThat(lines.await("WARN").failure()).isSameAs(failure);
    }

    @Test
    void whatDoesNotFitIsCountedInItsPlace() throws Exception {
        aside.logger().info("0");
        entered.await(); // what waits, waits behind this one
        IntStream.rangeClosed(1, AsideLog.CAPACITY + 7)
                .forEach(i -> aside.logger().info(Integer.toString(i)));
        takes.countDown();
        await().until(() -> lines.lines().size() == 1 + AsideLog.CAPACITY);
        aside.logger().info("last");
        aside.close();

        List<String> expected = Stream.concat(
                        IntStream.rangeClosed(0, AsideLog.CAPACITY).mapToObj(i -> "INFO " + i),
                        Stream.of(
                                "WARN 7 lines about the bus are missing here: the log did not take them [left_out=7]",
                                "INFO last"))
                .toList();
        assertThat(lines.lines()).isEqualTo(expected);
    }

    @Test
    void theEndWaitsForALogThatTakesNothingNoLongerThanAMoment() throws Exception {
        aside.logger().info("never taken");
        entered.await();

        aside.close(); // comes back: the time limit of this class says so

        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("callosum-bus-log")));
        assertThat(lines.lines()).isEmpty();
    }

    @Test
    void aLogThatFailsCostsItsLineAlone() {
        takes.countDown();
        AsideLog failing = new AsideLog((Logger) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (arguments[0].equals("bad")) {
                        throw new LinkageError("the log's own");
                    }
                    return method.invoke(lines.logger(), arguments);
                }));
        failing.logger().info("bad");
        failing.logger().info("good");
        failing.close();
        assertThat(lines.lines()).containsExactly("INFO good");
    }

    @Test
    void whatIsAskedOfTheLogIsAnsweredAtOnce() {
        assertThat(aside.logger().isDebugEnabled()).isTrue();
        assertThat(aside.logger().getName()).isEqualTo("test");
        takes.countDown();
        aside.close();
    }
}
