package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.syntax.StateSpace;

/**
 * Global, shared or local memory as loads, stores and atomics see it: a check, then single
 * elements.
 */
enum MemorySpace {
  GLOBAL {
    @Override
    void checkLoad(Warp warp, int mask, int bytes) {
      warp.worker
          .global()
          .load(warp.step.site, warp.number, mask, warp.addresses, warp.origins, bytes);
      tell(warp, StateSpace.GLOBAL, mask, bytes);
    }

    @Override
    void checkStore(Warp warp, int mask, int bytes) {
      warp.worker
          .global()
          .store(warp.step.site, warp.number, mask, warp.addresses, warp.origins, bytes);
      tell(warp, StateSpace.GLOBAL, mask, bytes);
    }

    @Override
    void checkAtomic(Warp warp, int mask, int bytes) {
      warp.worker
          .global()
          .atomic(warp.step.site, warp.number, mask, warp.addresses, warp.origins, bytes);
      tell(warp, StateSpace.GLOBAL, mask, bytes);
    }

    @Override
    long get(Warp warp, long address, int bytes) {
      return switch (bytes) {
        case 1 -> NativeMemory.getByte(address);
        case 2 -> NativeMemory.getHalf(address);
        case 4 -> NativeMemory.getWord(address);
        default -> NativeMemory.getDoubleWord(address);
      };
    }

    @Override
    void put(Warp warp, long address, int bytes, long value) {
      switch (bytes) {
        case 1 -> NativeMemory.putByte(address, (byte) value);
        case 2 -> NativeMemory.putHalf(address, (short) value);
        case 4 -> NativeMemory.putWord(address, (int) value);
        default -> NativeMemory.putDoubleWord(address, value);
      }
    }
  },
  SHARED {
    @Override
    void checkLoad(Warp warp, int mask, int bytes) {
      warp.worker.shared().load(warp.step.site, warp.number, mask, warp.addresses, bytes);
      tell(warp, StateSpace.SHARED, mask, bytes);
    }

    @Override
    void checkStore(Warp warp, int mask, int bytes) {
      warp.worker.shared().store(warp.step.site, warp.number, mask, warp.addresses, bytes);
      tell(warp, StateSpace.SHARED, mask, bytes);
    }

    @Override
    void checkAtomic(Warp warp, int mask, int bytes) {
      warp.worker.shared().atomic(warp.step.site, warp.number, mask, warp.addresses, bytes);
      tell(warp, StateSpace.SHARED, mask, bytes);
    }

    @Override
    long get(Warp warp, long address, int bytes) {
      int at = (int) address;
      return switch (bytes) {
        case 1 -> warp.worker.shared().getByte(at);
        case 2 -> warp.worker.shared().getHalf(at);
        case 4 -> warp.worker.shared().getWord(at);
        default -> warp.worker.shared().getDoubleWord(at);
      };
    }

    @Override
    void put(Warp warp, long address, int bytes, long value) {
      int at = (int) address;
      switch (bytes) {
        case 1 -> warp.worker.shared().putByte(at, (byte) value);
        case 2 -> warp.worker.shared().putHalf(at, (short) value);
        case 4 -> warp.worker.shared().putWord(at, (int) value);
        default -> warp.worker.shared().putDoubleWord(at, value);
      }
    }
  },
  LOCAL {
    @Override
    void checkLoad(Warp warp, int mask, int bytes) {
      warp.local.load(warp.step.site, warp.number, mask, warp.addresses, bytes);
    }

    @Override
    void checkStore(Warp warp, int mask, int bytes) {
      warp.local.store(warp.step.site, warp.number, mask, warp.addresses, bytes);
    }

    @Override
    void checkAtomic(Warp warp, int mask, int bytes) {
      throw new IllegalStateException("no atomic operation works on local memory");
    }

    @Override
    long get(Warp warp, long address, int bytes) {
      return warp.local.get((int) address, bytes);
    }

    @Override
    void put(Warp warp, long address, int bytes, long value) {
      warp.local.put((int) address, bytes, value);
    }
  };

  /** Checks a load at the warp's addresses. */
  abstract void checkLoad(Warp warp, int mask, int bytes);

  /** Checks a store at the warp's addresses. */
  abstract void checkStore(Warp warp, int mask, int bytes);

  /** Checks an atomic operation at the warp's addresses. */
  abstract void checkAtomic(Warp warp, int mask, int bytes);

  /** Reads 1, 2, 4 or 8 bytes, sign-extended, at an address that was checked. */
  abstract long get(Warp warp, long address, int bytes);

  /** Writes the lowest 1, 2, 4 or 8 bytes of a value at an address that was checked. */
  abstract void put(Warp warp, long address, int bytes, long value);

  private static void tell(Warp warp, StateSpace space, int mask, int bytes) {
    ExecutionListener listener = warp.worker.listener();
    if (listener != null) {
      listener.accessed(warp.step.instruction, space, mask, warp.addresses, bytes);
    }
  }
}
