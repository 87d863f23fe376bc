// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Says for which events a Declarative Services component is called, by setting the service properties {@code tract} and
 * {@code event} of its {@code EventHandler} service.
 *
 * <p>Each is a name or {@code *}, which matches every name. Names are compared whole and case-sensitively; {@code *} is
 * the only wildcard, so {@code obs*} is a name. Several values mean every combination of them.
 *
 * <pre>{@code
 * @Component(service = EventHandler.class)
 * @OnEvent(tract = "observe", event = {"observed", "transferred"})
 * public final class Segments implements CallosumEventHandler { … }
 * }</pre>
 *
 * Without Declarative Services the same is said by registering the service with these two properties, each a
 * {@code String}, a {@code String[]} or a {@code Collection<String>}.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface OnEvent {
    /** The tracts listened to: names, or {@code *} for all. At least one, none empty. */
    String[] tract();

    /** The events listened to: names, or {@code *} for all. At least one, none empty. */
    String[] event();
}
