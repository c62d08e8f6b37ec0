package org.mirror4j.device.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.mirror4j.tensor.Allocator;

/**
 * Off-heap memory by absolute address. Kernels read and write through {@link #ALL}, one segment
 * that spans the address space: a constant to the compiler, so no bounds or liveness check is left
 * in a loop. Safety comes from the checks of shapes before a kernel starts.
 */
final class HostMemory implements Allocator {
  /** All memory; offsets are addresses. */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Layout of an f32 at any address. */
  static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Layout of an i32 at any address. */
  static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;

  /** Layout of an f64 at any address. */
  static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private final Map<Long, Arena> arenas = new ConcurrentHashMap<>();

  /** The f32 at {@code address + 4 index}. */
  static float f32(long address, long index) {
    return ALL.get(F32, address + 4 * index);
  }

  /** Writes the f32 at {@code address + 4 index}. */
  static void f32(long address, long index, float value) {
    ALL.set(F32, address + 4 * index, value);
  }

  /** The i32 at {@code address + 4 index}. */
  static int i32(long address, long index) {
    return ALL.get(I32, address + 4 * index);
  }

  /** Writes the i32 at {@code address + 4 index}. */
  static void i32(long address, long index, int value) {
    ALL.set(I32, address + 4 * index, value);
  }

  /** The f64 at {@code address + 8 index}. */
  static double f64(long address, long index) {
    return ALL.get(F64, address + 8 * index);
  }

  /** Writes the f64 at {@code address + 8 index}. */
  static void f64(long address, long index, double value) {
    ALL.set(F64, address + 8 * index, value);
  }

  @Override
  public long allocate(long bytes) {
    Arena arena = Arena.ofShared();
    try {
      long address = arena.allocate(bytes, ALIGNMENT).address();
      arenas.put(address, arena);
      return address;
    } catch (OutOfMemoryError error) {
      arena.close();
      throw new OutOfMemoryException(
          "out of memory: %,d MiB asked of the CPU's memory; lower the batch size or the maximum length"
              .formatted(bytes >> 20));
    }
  }

  @Override
  public void free(long address) {
    Arena arena = arenas.remove(address);
    if (arena == null) {
      throw new IllegalArgumentException("no allocation at address 0x" + Long.toHexString(address));
    }
    arena.close();
  }

  /** Frees everything that is still allocated. */
  void freeAll() {
    arenas.keySet().forEach(this::free);
  }
}
