// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.callosum.update.Leftover.Holder;
import org.callosum.update.Leftover.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Threads that hold a version, each in its own way. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class LoaderHoldersTest {
    private static final String LEAKING = Leaking.class.getName();

    private final OldVersion version = new OldVersion();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);

    /** Anybody's thread: nothing of it is the version's. */
    private final ExecutorService foreign = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "foreign");
        thread.setContextClassLoader(null); // the tests' own has classes of the same names
        return thread;
    });

    @AfterEach
    void open() throws InterruptedException {
        gate.countDown();
        foreign.shutdown();
        foreign.awaitTermination(10, TimeUnit.SECONDS);
    }

    @Test
    void aThreadThatTheVersionStartedIsNamedWithItsTargetAndPlace() throws Exception {
        start("left", version);

        assertThat(find(Map.of(), Set.of())).singleElement().satisfies(holder -> {
            assertThat(holder.kind()).isEqualTo(Kind.THREAD);
            assertThat(holder.thread()).isEqualTo("left");
            assertThat(holder.how()).isEqualTo("its target is " + LEAKING + "$Waiting");
            assertThat(holder.topFrame()).get().asString().contains("park");
        });
    }

    @Test
    void aForeignThreadThatRunsTheVersionsCodeIsNamedWithTheFrame() throws Exception {
        Runnable waiting = (Runnable) version.make("waiting", entered, gate);
        foreign.submit(waiting);
        entered.await();

        Set<Long> threads = Set.of(threadOf("foreign").getId());
        assertThat(find(Map.of(), threads))
                .singleElement()
                .extracting(Holder::kind, Holder::thread, Holder::how)
                .satisfies(parts -> assertThat(parts.toString())
                        .startsWith("[THREAD, foreign, it runs ")
                        .contains(LEAKING + "$Waiting.run(Leaking.java:"));
        assertThat(find(Map.of(), Set.of()))
                .as("of a thread that came later, with the next version")
                .isEmpty();
    }

    @Test
    void aThreadOfAnotherVersionIsNotTakenForThisOnes() throws Exception {
        OldVersion other = new OldVersion();
        version.make("waiting", entered, gate); // has classes of the same names as those that run
        Thread thread = start("other's", other);

        assertThat(find(Map.of(), Set.of(thread.getId()))).isEmpty();
    }

    @Test
    void aWorkerThatAHandlerHangsOnIsSaidToBeThat() throws Exception {
        start("callosum worker 3", version);

        assertThat(find(Map.of("callosum worker 3", "handler a/B overran"), Set.of()))
                .singleElement()
                .satisfies(holder -> {
                    assertThat(holder.kind()).isEqualTo(Kind.HUNG_HANDLER);
                    assertThat(holder.how()).startsWith("handler a/B overran, its target is");
                });
    }

    @Test
    void aContextClassLoaderIsFound() throws Exception {
        foreign.submit(() -> Thread.currentThread().setContextClassLoader(version))
                .get();

        assertThat(find(Map.of(), Set.of()))
                .singleElement()
                .extracting(Holder::kind, Holder::thread)
                .containsExactly(Kind.CONTEXT_CLASS_LOADER, "foreign");
    }

    @ParameterizedTest
    @CsvSource({
        "sets a mark, a thread local that holds a %s$Mark: Leaking.MARK or Leaking.FIRST",
        "sets an own, a thread local that is a %s$Own: Leaking.MARK or Leaking.FIRST",
        "gets a first, a thread local whose first value is given by a lambda of %s: Leaking.MARK or Leaking.FIRST"
    })
    void aThreadLocalIsNamedWithItsThreadAndTheFieldsThatItMayBe(String what, String how) throws Exception {
        foreign.submit((Runnable) version.make(what, entered, gate)).get();

        assertThat(find(Map.of(), Set.of()))
                .singleElement()
                .extracting(Holder::kind, Holder::thread, Holder::how)
                .containsExactly(Kind.THREAD_LOCAL, "foreign", how.formatted(LEAKING));
    }

    @Test
    void whatTheJvmDoesNotAllowIsLeftOutAndTheRestFound() throws Exception {
        foreign.submit((Runnable) version.make("sets a mark", entered, gate)).get();
        foreign.submit(() -> Thread.currentThread().setContextClassLoader(version))
                .get();

        assertThat(new LoaderHolders(null, Map.of(), Set.of()).find(version))
                .singleElement()
                .extracting(Holder::kind)
                .isEqualTo(Kind.CONTEXT_CLASS_LOADER);
    }

    private List<Holder> find(Map<String, String> hungHandlers, Set<Long> threadsBefore) {
        return new LoaderHolders(JavaLang.open().orElseThrow(), hungHandlers, threadsBefore).find(version);
    }

    private Thread start(String name, OldVersion from) throws Exception {
        Thread thread = new Thread((Runnable) from.make("waiting", entered, gate), name);
        thread.start();
        entered.await();
        return thread;
    }

    private static Thread threadOf(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
