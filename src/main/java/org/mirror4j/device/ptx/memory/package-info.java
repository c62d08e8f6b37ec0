/**
 * The memory a kernel sees, with every access checked. {@link
 * org.mirror4j.device.ptx.memory.GlobalMemory} holds allocations and named {@link
 * org.mirror4j.device.ptx.memory.Slice slices}; {@link org.mirror4j.device.ptx.memory.LaunchMemory}
 * is it during one launch and hands each interpreting thread a {@link
 * org.mirror4j.device.ptx.memory.GlobalAccess}; {@link org.mirror4j.device.ptx.memory.SharedMemory}
 * belongs to one CTA. Checking and moving data are separate steps: the caller checks a whole warp's
 * access, then reads or writes the bytes itself. Knows nothing of PTX beyond the site of an
 * instruction; depends on the report package alone.
 */
package org.mirror4j.device.ptx.memory;
