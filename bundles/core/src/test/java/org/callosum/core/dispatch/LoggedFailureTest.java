// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.ref.WeakReference;
import java.util.concurrent.Callable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class LoggedFailureTest {
    /** What an app throws, with its own frames: the exception is the JDK's. */
    public static final class Thrower implements Callable<Void> {
        @Override
        public Void call() {
            throw new IllegalStateException("no disk");
        }
    }

    @Test
    void itReadsAsWhatWasThrown() {
        var cause = new IOException("too late", new IllegalArgumentException());
        var failure = new IllegalStateException("no disk", cause);
        failure.addSuppressed(new IOException("not closed"));

        LoggedFailure logged = LoggedFailure.of(failure);

        assertThat(printed(logged)).isEqualTo(printed(failure));
        assertThat(logged).hasMessage("no disk");
    }

    @Test
    void itKeepsNoClassOfTheApp() throws Exception {
        LoggedFailure logged = LoggedFailure.of(thrownByAnApp());
        var loader = new WeakReference<>(app.getClass().getClassLoader());
        assertThat(logged.getStackTrace()[0].getClassName()).isEqualTo(Thrower.class.getName());

        app = null;
        while (loader.get() != null) { // or the time is up
            System.gc();
        }

        assertThat(printed(logged)).contains("java.lang.IllegalStateException: no disk", "Thrower.call");
    }

    @Test
    void causesThatGoInACircleEnd() {
        var one = new IllegalStateException("one");
        var other = new IllegalStateException("other", one);
        one.initCause(other);

        assertThat(LoggedFailure.of(one))
                .hasMessage("one")
                .cause()
                .hasMessage("other")
                .hasNoCause();
    }

    @Test
    void aTextWithoutAnEndIsCut() {
        assertThat(LoggedFailure.of(new IllegalStateException("x".repeat(1_000_000)))
                        .toString())
                .hasSizeLessThan(10_000)
                .endsWith("…");
    }

    @Test
    void oneThatThrowsWhenItIsAskedForItsTextIsItsClassItsStackAndItsCause() {
        var failure = new IllegalStateException(new IOException("no disk")) {
            @Override
            public String getMessage() {
                throw new StackOverflowError();
            }
        };

        LoggedFailure logged = LoggedFailure.of(failure);

        assertThat(logged).hasToString(failure.getClass().getName() + ", which cannot be printed");
        assertThat(logged.getMessage()).isNull();
        assertThat(logged.getCause()).hasToString("java.io.IOException: no disk");
        assertThat(logged.getStackTrace()).hasSameSizeAs(failure.getStackTrace());
    }

    @Test
    void oneThatThrowsWhenItIsAskedForItsStackIsItsClass() {
        var failure = new IllegalStateException("no disk") {
            @Override
            public StackTraceElement[] getStackTrace() {
                throw new UnsupportedOperationException("no stack");
            }
        };

        assertThat(printed(LoggedFailure.of(failure)))
                .isEqualTo(failure.getClass().getName() + ", which cannot be printed" + System.lineSeparator());
    }

    @Test
    void aCauseThatThrowsTakesNothingOfWhatItCaused() {
        var cause = new IOException() {
            @Override
            public synchronized Throwable getCause() {
                throw new UnsupportedOperationException("no cause");
            }
        };

        assertThat(printed(LoggedFailure.of(new IllegalStateException("no disk", cause))))
                .contains(
                        "java.lang.IllegalStateException: no disk",
                        "Caused by: " + cause.getClass().getName() + ", which cannot be printed");
    }

    private Callable<?> app;

    private Throwable thrownByAnApp() throws Exception {
        app = (Callable<?>) new Loader()
                .loadClass(Thrower.class.getName())
                .getDeclaredConstructor()
                .newInstance();
        try {
            app.call();
        } catch (IllegalStateException e) {
            return e;
        }
        throw new AssertionError("it throws");
    }

    private static String printed(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    /** Has the thrower as a class of its own. */
    private static final class Loader extends ClassLoader {
        Loader() {
            super(LoggedFailureTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(Thrower.class.getName())) {
                return super.loadClass(name, resolve);
            }
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
