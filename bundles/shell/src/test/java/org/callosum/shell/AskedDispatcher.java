// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

import org.callosum.core.Dispatcher;

/** Dispatchers that answer some of the questions, each with a method of the same name and parameters; others fail the test. */
final class AskedDispatcher {
    private AskedDispatcher() {}

    static Dispatcher answering(Object answers) {
        return (Dispatcher) Proxy.newProxyInstance(
                Dispatcher.class.getClassLoader(), new Class<?>[] {Dispatcher.class}, (proxy, asked, arguments) -> {
                    Method answer;
                    try {
                        answer = answers.getClass().getDeclaredMethod(asked.getName(), asked.getParameterTypes());
                    } catch (NoSuchMethodException e) {
                        throw new UnsupportedOperationException(asked.toString(), e);
                    }
                    answer.setAccessible(true);
                    try {
                        return answer.invoke(answers, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
