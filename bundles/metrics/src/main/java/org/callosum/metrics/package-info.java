// SPDX-License-Identifier: AGPL-3.0-only
/**
 * What monitors see of the runtime: its numbers over JMX and in Prometheus' formats, its health as Felix Health Checks. All of
 * it is read from the core when it is asked for; nothing is counted here. Nothing in here is for other bundles.
 */
package org.callosum.metrics;
