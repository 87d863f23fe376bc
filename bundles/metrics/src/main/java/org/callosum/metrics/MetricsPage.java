// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/** The metrics as a page, in Prometheus' text format or, for who asks for it, in that of OpenMetrics. Any thread may write it. */
final class MetricsPage {
    /**
     * A page as it stands at one moment.
     *
     * @param contentType for the header of this name
     * @param body the text
     */
    record Written(String contentType, byte[] body) {}

    private final Supplier<MetricSnapshots> metrics;
    private final ExpositionFormatWriter openMetrics = new OpenMetricsTextFormatWriter(false, false);
    private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();

    MetricsPage(Supplier<MetricSnapshots> metrics) {
        this.metrics = metrics;
    }

    /**
     * Writes it.
     *
     * @param accept the header {@code Accept} of who asks; {@code null} if there is none
     */
    Written write(String accept) {
        ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
        ByteArrayOutputStream body = new ByteArrayOutputStream(16_384);
        try {
            writer.write(body, metrics.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return new Written(writer.getContentType(), body.toByteArray());
    }
}
