/**
 * What a kernel did wrong and where: {@link org.mirror4j.device.ptx.report.Check} names the rules,
 * {@link org.mirror4j.device.ptx.report.Findings} collects what broke them, {@link
 * org.mirror4j.device.ptx.report.PtxException} ends a launch that cannot go on. Depends on nothing;
 * parser, memory and executor all report through it.
 */
package org.mirror4j.device.ptx.report;
