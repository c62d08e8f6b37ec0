package org.mirror4j.device.ptx;

import java.util.concurrent.atomic.AtomicLong;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.LaunchMemory;

/**
 * One launch, the same for all its threads.
 *
 * @param access global memory as this launch sees it
 * @param parameters the parameter block
 * @param bindings for each parameter in order its binding if it is a buffer, else 0
 * @param instructionsLeft what its warps together may still execute
 */
record Launch(
    PtxProgram program,
    LaunchShape shape,
    GlobalMemory memory,
    LaunchMemory access,
    byte[] parameters,
    int[] bindings,
    LaunchOptions options,
    AtomicLong instructionsLeft) {

  /** The binding of the parameter that begins at a byte of the block. */
  int bindingAt(int offset) {
    for (int i = 0; i < bindings.length; i++) {
      if (program.syntax().parameters().get(i).offset() == offset) {
        return bindings[i];
      }
    }
    return 0;
  }
}
