package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.syntax.Dim3;

/**
 * Extents of a launch.
 *
 * @param grid CTAs
 * @param block threads of a CTA
 * @param sharedBytes shared memory of a CTA, static and dynamic
 */
record LaunchShape(Dim3 grid, Dim3 block, int sharedBytes, int dynamicSharedBytes) {
  /** Warps of a CTA, the last one perhaps not full. */
  int warps() {
    return (int) ((block.count() + Warp.LANES - 1) / Warp.LANES);
  }
}
