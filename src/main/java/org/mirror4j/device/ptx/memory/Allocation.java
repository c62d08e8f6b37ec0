package org.mirror4j.device.ptx.memory;

/**
 * One block of device memory between two red zones, with the shadows that say which of its bytes
 * were written ever (one byte a byte: threads mark side by side without a lock) and by which CTA of
 * a launch each granule was read and written (two ints a granule, see {@link GlobalRaces}).
 */
final class Allocation {
  static final int ALIGNMENT = 256;
  static final int RED_ZONE_BYTES = 256;

  /** A NaN whether read as f64, f32, f16 or bf16, and unlikely to be computed. */
  static final int FRESH_WORD = 0x7FFA7FFA;

  private static final byte RED = (byte) 0xA5;

  final Slice whole;

  private final long base;
  private final long written;
  private long stamps;
  private int stampShift = 31;
  private boolean freed;

  Allocation(String name, long bytes, CheckLevel level) {
    base = NativeMemory.allocateZeroed(bytes + 2L * RED_ZONE_BYTES + ALIGNMENT, "'" + name + "'");
    long address = (base + RED_ZONE_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    whole = new Slice(name, address, bytes, "u8", 1, "[" + bytes + "]", true);
    NativeMemory.fill(address - RED_ZONE_BYTES, RED_ZONE_BYTES, RED);
    NativeMemory.fill(address + bytes, RED_ZONE_BYTES, RED);
    if (level == CheckLevel.ALL) {
      written = NativeMemory.allocateZeroed(bytes, "shadow of '" + name + "'");
      fillFresh();
    } else {
      written = 0;
    }
  }

  private void fillFresh() {
    long words = whole.bytes() / Integer.BYTES;
    for (long i = 0; i < words; i++) {
      NativeMemory.putWord(whole.address() + Integer.BYTES * i, FRESH_WORD);
    }
    for (long i = words * Integer.BYTES; i < whole.bytes(); i++) {
      NativeMemory.putByte(whole.address() + i, (byte) (FRESH_WORD >>> (8 * (i & 3))));
    }
  }

  boolean contains(long address) {
    return address >= whole.address() && address - whole.address() < whole.bytes();
  }

  /** Whether nothing but kernels and checked copies has touched the memory beside this block. */
  boolean redZonesIntact() {
    return isRed(whole.address() - RED_ZONE_BYTES) && isRed(whole.address() + whole.bytes());
  }

  private static boolean isRed(long zone) {
    for (int i = 0; i < RED_ZONE_BYTES; i++) {
      if (NativeMemory.getByte(zone + i) != RED) {
        return false;
      }
    }
    return true;
  }

  boolean freed() {
    return freed;
  }

  void markFreed() {
    freed = true;
  }

  /** What to add to an address in this block for the address of its mark; 0 if there are none. */
  long writtenDelta() {
    return written == 0 ? 0 : written - whole.address();
  }

  void markWritten(long address, long bytes) {
    if (written != 0) {
      NativeMemory.fill(address + writtenDelta(), bytes, (byte) 1);
    }
  }

  /** The first unwritten byte of a range, or -1. */
  long firstUnwritten(long address, long bytes) {
    if (written == 0) {
      return -1;
    }
    long delta = writtenDelta();
    for (long i = 0; i < bytes; i++) {
      if (NativeMemory.getByte(address + i + delta) == 0) {
        return address + i;
      }
    }
    return -1;
  }

  /** Shadow of 8 bytes for each granule of {@code 1 << shift} bytes; stale where reused. */
  long stamps(int shift) {
    if (stampShift > shift) {
      dropStamps();
      stamps =
          NativeMemory.allocateZeroed(
              Long.BYTES * ((whole.bytes() >> shift) + 1), "race shadow of '" + whole.name() + "'");
      stampShift = shift;
    }
    return stamps;
  }

  /** Forgets all stamps. */
  void dropStamps() {
    if (stamps != 0) {
      NativeMemory.free(stamps);
      stamps = 0;
      stampShift = 31;
    }
  }

  void release() {
    dropStamps();
    if (written != 0) {
      NativeMemory.free(written);
    }
    NativeMemory.free(base);
  }
}
