// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Narrows what a Declarative Services component is called for to messages with certain fields, by setting the service
 * property {@code event.filter} of its {@code EventHandler} service.
 *
 * <pre>{@code
 * @Component(service = EventHandler.class)
 * @OnEvent(tract = "service", event = "status")
 * @EventFilter("(&(service=camera)(!(state=idle)))")
 * public final class Camera implements CallosumEventHandler { … }
 * }</pre>
 *
 * <p>The filter is an LDAP filter (RFC 1960), with the rules of OSGi's EventAdmin. {@code (a=x)} is equal, {@code (a=x*z)}
 * a pattern, {@code (a=*)} says that the field is there, {@code (a~=x)} leaves case and white space out of account,
 * {@code (a<=5)} and {@code (a>=5)} compare; {@code (&…)}, {@code (|…)} and {@code (!…)} combine filters. In a value a
 * {@code \} stands before {@code ( ) * \}. All of a message's fields count, {@code tract}, {@code event} and {@code ts} too.
 *
 * <ul>
 *   <li>Names of fields and texts are case-sensitive.
 *   <li>A number is compared as a number, in the field's own type (see {@link Json}). {@code (level>=0.5)} matches 0.7,
 *       but not 1: that is a whole number, and {@code 0.5} is none. Where senders write both,
 *       {@code (|(level>=0.5)(level>=1))} says it.
 *   <li>Of a list one element is enough. An empty one is there, and matches nothing else.
 *   <li>{@code null} is as good as missing: it matches {@code (!(a=*))}.
 *   <li>An object is there, and matches nothing else: filters do not look into it.
 * </ul>
 *
 * <p>A component with a malformed filter is not called until that is mended; a warning says what is wrong with it. The
 * annotation of the same name in {@code org.osgi.service.event.propertytypes} does the same; without Declarative Services
 * it is the property {@code event.filter}, a {@code String}.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface EventFilter {
    /** The filter. */
    String value();
}
