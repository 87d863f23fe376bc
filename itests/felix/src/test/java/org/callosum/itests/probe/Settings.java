// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.probe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Sets the configuration of a PID, which is {@code factory~name} for one of many; without settings it deletes it. When it returns, the components have it: they are told on
 * a thread of Config Admin, one event after the other, so another one that has arrived here says that the first has there.
 */
@Component(service = BiConsumer.class, property = "probe=settings")
public final class Settings implements BiConsumer<String, Map<String, Object>> {
    private static final String MARK = "test.mark";

    private final ConfigurationAdmin admin;
    private final Semaphore marks = new Semaphore(0);

    @Activate
    public Settings(BundleContext context, @Reference ConfigurationAdmin admin) {
        this.admin = admin;
        // Not as a second type of this service, which the test then could not get: it knows no such class.
        context.registerService(ConfigurationListener.class, this::configurationEvent, null);
    }

    @Override
    public void accept(String pid, Map<String, Object> settings) {
        try {
            int tilde = pid.indexOf('~');
            Configuration configuration = tilde < 0
                    ? admin.getConfiguration(pid, "?")
                    : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
            if (settings.isEmpty()) {
                configuration.delete();
            } else {
                configuration.update(FrameworkUtil.asDictionary(settings));
            }
            marks.drainPermits();
            admin.getConfiguration(MARK, "?").update(FrameworkUtil.asDictionary(Map.of("at", System.nanoTime())));
            if (!marks.tryAcquire(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Config Admin has told nobody of " + pid + " within 10 s");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void configurationEvent(ConfigurationEvent event) {
        if (event.getPid().equals(MARK)) {
            marks.release();
        }
    }
}
