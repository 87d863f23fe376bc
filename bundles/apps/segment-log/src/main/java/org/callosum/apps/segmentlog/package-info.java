// SPDX-License-Identifier: AGPL-3.0-only
/** The segment-log app: {@link org.callosum.apps.segmentlog.SegmentLog} keeps a segment's events beside the segment. */
package org.callosum.apps.segmentlog;
