package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.lanes.LanePattern;
import org.mirror4j.device.ptx.memory.SharedMemory;
import org.mirror4j.device.ptx.memory.WarpWords;
import org.mirror4j.device.ptx.syntax.StateSpace;

/**
 * Loads and stores of words by all lanes of a warp, checked as a whole where that can be done. An
 * access by some lanes, or one that has to be looked at lane by lane, is the reference's.
 */
final class MemoryLanes {
  private MemoryLanes() {}

  /** Executes the load or store of a step in the lanes of a mask. */
  static void access(Warp warp, int mask, Step step, WordAccess access) {
    warp.step = step;
    if (mask != Warp.FULL || !move(warp, step, access)) {
      step.operation.execute(warp, mask);
    }
  }

  /** Whether the access was checked as a whole and is done. */
  private static boolean move(Warp warp, Step step, WordAccess access) {
    access.address().fillAddresses(warp);
    long[] addresses = warp.addresses;
    int bytes = access.bytes();
    LanePattern pattern = warp.worker.pattern(step.instruction.index());
    pattern.take(addresses, bytes);
    if (access.space() == StateSpace.SHARED) {
      SharedMemory shared = warp.worker.shared();
      if (!shared.allowsAll(pattern, addresses[0])) {
        return false;
      }
      tell(warp, step, access.space(), bytes);
      if (access.store()) {
        WarpWords.store(shared, pattern, addresses, warp.words, access.places());
      } else {
        WarpWords.load(shared, pattern, addresses, warp.words, access.places());
      }
      return true;
    }
    int origin = access.address().origin(warp);
    boolean allowed =
        access.store()
            ? warp.worker.global().storesAll(pattern, addresses[0], origin, bytes)
            : warp.worker.global().loadsAll(pattern, addresses[0], origin, bytes);
    if (!allowed) {
      return false;
    }
    tell(warp, step, access.space(), bytes);
    if (access.store()) {
      WarpWords.store(pattern, addresses, warp.words, access.places());
    } else {
      WarpWords.load(pattern, addresses, warp.words, access.places());
    }
    return true;
  }

  private static void tell(Warp warp, Step step, StateSpace space, int bytes) {
    ExecutionListener listener = warp.worker.listener();
    if (listener != null) {
      listener.accessed(step.instruction, space, Warp.FULL, warp.addresses, bytes);
    }
  }
}
