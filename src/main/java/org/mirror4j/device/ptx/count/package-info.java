/**
 * What a launch costs, counted: {@link org.mirror4j.device.ptx.count.LaunchCounter} listens to an
 * execution and gives {@link org.mirror4j.device.ptx.count.LaunchCounts}, in total and per line,
 * with the names and meaning that a profiler of a real card uses. Counts are exact and repeat; time
 * is only bounded from below, by the {@link org.mirror4j.device.ptx.count.Gpu} datasheets.
 *
 * <p>PTX is not machine code: an assembler schedules, unrolls and folds addresses, and there are no
 * caches and no latency here. Counts rank variants and show waste.
 */
package org.mirror4j.device.ptx.count;
