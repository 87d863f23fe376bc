// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.callosum.itests.traffic.Checker;
import org.callosum.itests.traffic.NumberedTraffic;
import org.callosum.itests.traffic.Tally;
import org.junit.After;
import org.junit.Before;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What all cases work with: the bundles and settings of the container they run in, traffic from outside, and its checker.
 * After each case nothing of it is left.
 *
 * <p>JUnit 4 runs it in the container; the framework is the one that the class was loaded by.
 */
public abstract class ContainerCases {
    static final String CORE = "org.callosum.core";
    static final String BUS = "org.callosum.bus";
    static final String API = "org.callosum.api";

    /** So few that a slow machine follows, so many that a moment's absence meets some. */
    static final int EVENTS_PER_SECOND = 2_000;

    private final List<Path> jars = new ArrayList<>();

    Bundles bundles;
    Settings settings;
    Parkings parkings;
    Checker checker;
    NumberedTraffic traffic;

    /** The container that this runs in. */
    protected abstract Container container();

    /** Connects to the bus. */
    @Before
    public final void connect() throws Exception {
        var context = FrameworkUtil.getBundle(getClass()).getBundleContext();
        bundles = new Bundles(context);
        settings = new Settings(context);
        parkings = new Parkings(context);
        checker = new Checker();
        connectBehind(0);
    }

    /** Takes away what the case made. */
    @After
    public final void clear() throws Exception {
        traffic.close();
        settings.clear();
        for (Path jar : jars) {
            Files.deleteIfExists(jar);
        }
        bundles.clear();
    }

    /** Connects again, to a bus that may be about to be up; the next number is the one behind that. */
    final void connectBehind(long last) throws Exception {
        Patience.await("somebody serves the bus at " + container().socket(), this::isServed);
        traffic = NumberedTraffic.connect(container().socket(), last, checker);
    }

    private boolean isServed() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(container().socket()));
        } catch (IOException e) {
            return false;
        }
    }

    /** A jar in the folder for hot deployment, to be written by the case. */
    final Path hotDeployed(String name) {
        Path jar = container().appsFolder().resolve(name);
        jars.add(jar);
        return jar;
    }

    /** Begins to send, and waits until each of these handlers has handled an event of it. */
    final void flow(String... handlers) throws InterruptedException {
        traffic.start(EVENTS_PER_SECOND);
        awaitMore(1, handlers);
    }

    /** Waits until each of these handlers has handled so many events more than have been sent by now. */
    final void awaitMore(long events, String... handlers) throws InterruptedException {
        long n = traffic.last() + events;
        for (String handler : handlers) {
            awaitNumber(handler, n);
        }
    }

    final void awaitNumber(String handler, long n) throws InterruptedException {
        assertThat(checker.awaitNumber(handler, n, Patience.LIMIT))
                .as("%s handles number %d within %s; it is at %d", handler, n, Patience.LIMIT, checker.highest(handler))
                .isTrue();
    }

    final void awaitVersion(String handler, String version) throws InterruptedException {
        assertThat(checker.awaitVersion(handler, version, Patience.LIMIT))
                .as("%s handles an event in version %s within %s", handler, version, Patience.LIMIT)
                .isTrue();
    }

    /** Stops the traffic and waits until each of these handlers has handled the last of it; gives its number. */
    final long settle(String... handlers) throws InterruptedException, IOException {
        traffic.stop();
        long last = traffic.sendOne(); // what comes behind it was not under way
        for (String handler : handlers) {
            awaitNumber(handler, last);
        }
        return last;
    }

    /** Nothing from the first number to the last is lost, doubled or reordered, and nothing else doubled or reordered. */
    final Tally assertClean(String handler, long first, long last) {
        Tally tally = checker.tally(handler, first, last);
        assertThat(tally.isClean())
                .as("nothing is lost, doubled or reordered from %d to %d: %s", first, last, tally)
                .isTrue();
        return tally;
    }

    /** Whatever may be lost: nothing is doubled or reordered. */
    final Tally assertInOrder(String handler, long last) {
        Tally tally = checker.tally(handler, last);
        assertThat(List.of(tally.doubled().count(), tally.reordered().count()))
                .as("doubled and reordered: %s", tally)
                .containsExactly(0L, 0L);
        return tally;
    }

    final void awaitState(Bundle bundle, int state) throws Exception {
        Patience.await(bundle + " is in state " + state, () -> bundle.getState() == state);
    }
}
