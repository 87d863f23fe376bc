// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.probe;

import java.util.function.UnaryOperator;

import org.callosum.api.Callosum;
import org.callosum.api.Message;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Emits a message, given as JSON, and tells what became of it. */
@Component(service = UnaryOperator.class, property = "probe=emit")
public final class Emit implements UnaryOperator<String> {
    private final Callosum callosum;

    @Activate
    public Emit(@Reference Callosum callosum) {
        this.callosum = callosum;
    }

    @Override
    public String apply(String json) {
        return callosum.emit(Message.parse(json)).name();
    }
}
