// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.io.IOException;
import java.io.Serial;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** The page in a servlet container. Loaded only when one asks for it. */
final class MetricsServlet extends HttpServlet {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient MetricsPage page;

    MetricsServlet(MetricsPage page) {
        this.page = page;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        MetricsPage.Written written = page.write(request.getHeader("Accept"));
        response.setContentType(written.contentType());
        response.setContentLength(written.body().length);
        response.getOutputStream().write(written.body());
    }
}
