package org.mirror4j.device.host;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.mirror4j.tensor.Allocator;

/**
 * Off-heap memory by absolute address. Kernels read and write through {@link #ALL}, one segment
 * that spans the address space: a constant to the compiler, so no bounds or liveness check is left
 * in a loop. Safety comes from the checks of shapes before a kernel starts.
 */
final class HostAllocator implements Allocator {
  /** All memory; offsets are addresses. */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Layout of an f32 at any address. */
  static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Layout of an i32 at any address. */
  static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;

  /** Layout of an f64 at any address. */
  static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  /** Allocations of this size or more start on a huge page and ask for huge pages. */
  private static final long HUGE_PAGE = 2L << 20;

  private static final int MADV_HUGEPAGE = 14;
  private static final int MADV_DONTNEED = 4;

  /** Of the processors that there is Linux for, most have smaller ones. */
  private static final long PAGE = 64 << 10;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle ALIGNED_ALLOC =
      function("aligned_alloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(JAVA_LONG));
  private static final MethodHandle MADVISE =
      function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private static final MethodHandle MEMSET =
      function("memset", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));

  private final Set<Long> addresses = ConcurrentHashMap.newKeySet();

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }

  /** The f32 at {@code address + 4 index}. */
  static float f32(long address, long index) {
    return ALL.get(F32, address + 4 * index);
  }

  /** Writes the f32 at {@code address + 4 index}. */
  static void f32(long address, long index, float value) {
    ALL.set(F32, address + 4 * index, value);
  }

  /**
   * Writes zeros. The C library is asked: a slice to be filled by Java is an object for each call
   * until the compiler sees through it.
   */
  static void zero(long address, long bytes) {
    try {
      long ignored = (long) MEMSET.invokeExact(address, 0, bytes);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException("memset failed: " + thrown.getMessage(), thrown);
    }
  }

  /** A copy of {@code count} f32s. */
  static float[] f32s(long address, int count) {
    float[] values = new float[count];
    MemorySegment.copy(ALL, F32, address, values, 0, count);
    return values;
  }

  /** The i32 at {@code address + 4 index}. */
  static int i32(long address, long index) {
    return ALL.get(I32, address + 4 * index);
  }

  /** Writes the i32 at {@code address + 4 index}. */
  static void i32(long address, long index, int value) {
    ALL.set(I32, address + 4 * index, value);
  }

  /** The i64 at {@code address + 8 index}, aligned. */
  static long i64(long address, long index) {
    return ALL.get(JAVA_LONG, address + 8 * index);
  }

  /** The f64 at {@code address + 8 index}. */
  static double f64(long address, long index) {
    return ALL.get(F64, address + 8 * index);
  }

  /** Writes the f64 at {@code address + 8 index}. */
  static void f64(long address, long index, double value) {
    ALL.set(F64, address + 8 * index, value);
  }

  /**
   * {@inheritDoc} The C library is asked, not the Java runtime: pages that are never touched then
   * cost nothing, so buffers may be planned larger than most batches need.
   */
  @Override
  public long allocate(long bytes) {
    long alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
    long rounded = (bytes + alignment - 1) / alignment * alignment;
    try {
      long address = (long) ALIGNED_ALLOC.invokeExact(alignment, rounded);
      if (address == 0) {
        throw new OutOfMemoryException(
            "out of memory: %,d MiB asked of the CPU's memory; lower the batch size or the maximum length"
                .formatted(bytes >> 20));
      }
      if (alignment == HUGE_PAGE) {
        // A hint: where the kernel has no huge pages, small ones do. The last pages stay small, as
        // a huge one would be held whole.
        long whole = bytes / HUGE_PAGE * HUGE_PAGE;
        int ignored = (int) MADVISE.invokeExact(address, whole, MADV_HUGEPAGE);
      }
      addresses.add(address);
      return address;
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException("aligned_alloc failed: " + thrown.getMessage(), thrown);
    }
  }

  @Override
  public void free(long address) {
    if (!addresses.remove(address)) {
      throw new IllegalArgumentException("no allocation at address 0x" + Long.toHexString(address));
    }
    try {
      FREE.invokeExact(address);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException("free failed: " + thrown.getMessage(), thrown);
    }
  }

  /** Gives the pages that lie whole within a range back; they read as zeros afterwards. */
  static void discard(long address, long bytes) {
    long from = (address + PAGE - 1) / PAGE * PAGE;
    long to = (address + bytes) / PAGE * PAGE;
    if (from >= to) {
      return;
    }
    try {
      int ignored = (int) MADVISE.invokeExact(from, to - from, MADV_DONTNEED);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException("madvise failed: " + thrown.getMessage(), thrown);
    }
  }

  /** Frees everything that is still allocated. */
  void freeAll() {
    addresses.forEach(this::free);
  }
}
