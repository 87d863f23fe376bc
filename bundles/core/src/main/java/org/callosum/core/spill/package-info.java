// SPDX-License-Identifier: AGPL-3.0-only
/**
 * Where events wait on disk when more wait than memory may hold: {@code dispatch.md}, row 'reading the bus'.
 *
 * <p>The {@link org.callosum.core.spill.Spill} is a folder of segments: files of 64 MiB that are written once, read once and
 * deleted whole. A full disk or a damaged file costs one segment's end, or one segment, never the rest; nothing is ever
 * compacted.
 *
 * <p>A segment is an MVStore of H2. It is made for this and small: 350 KB of plain Java, an OSGi bundle as it comes, which needs nothing
 * but the JDK; it writes appended keys as a log, checks what it reads, and finds its last whole commit after a crash. Of the
 * others, Chronicle Queue needs the JDK's internals opened and is no bundle, the journals of ActiveMQ bring half a broker,
 * SQLite and RocksDB bring native code, and Tape is limited to 2 GiB and forces each entry to the disk. Nothing is
 * forced here: what was written survives the process, however it ends; what the operating system had not written yet when the
 * machine itself stopped is lost.
 *
 * <p>How far the events were handed on is nine bytes in a file beside the segments, written for each event: a commit would cost
 * a hundred times as much.
 */
package org.callosum.core.spill;
