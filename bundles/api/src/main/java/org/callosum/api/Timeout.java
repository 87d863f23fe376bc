// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Says how long a Declarative Services component may spend on one event before it is no longer waited for, by setting the
 * service property {@code timeout} of its {@code EventHandler} service. Without it the operator's time limit holds; with it,
 * what it says, but never more than the operator allows.
 *
 * <pre>{@code
 * @Component(service = EventHandler.class)
 * @OnEvent(tract = "observe", event = "observed")
 * @Timeout("PT5S")
 * public final class Thumbnails implements CallosumEventHandler { … }
 * }</pre>
 *
 * <p>A component with a malformed time limit is not called until that is mended; a warning says what is wrong with it.
 * Without Declarative Services it is the property {@code timeout}, as here or a {@code Long} or an {@code Integer} of
 * milliseconds.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Timeout {
    /**
     * A duration as {@link java.time.Duration#parse} takes it, such as {@code PT5S} or {@code PT0.2S}, or a number of
     * milliseconds; 1 ms to 1 h.
     */
    String value();
}
