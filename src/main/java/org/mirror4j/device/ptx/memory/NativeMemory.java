package org.mirror4j.device.ptx.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Memory of this process by absolute address. Nothing is checked here: an address has passed the
 * checks of {@link GlobalAccess} or {@link GlobalMemory} before. A device address is such an
 * address, so a host library works on device memory directly.
 */
public final class NativeMemory {
  /** All memory; offsets are addresses. A constant to the compiler, so no check is left. */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong DOUBLE_WORD = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final VarHandle ATOMIC_WORD = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle ATOMIC_DOUBLE_WORD = ValueLayout.JAVA_LONG.varHandle();

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALLOC =
      function("calloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(JAVA_LONG));

  private NativeMemory() {}

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }

  /** The byte at an address. */
  public static byte getByte(long address) {
    return ALL.get(BYTE, address);
  }

  /** Writes a byte. */
  public static void putByte(long address, byte value) {
    ALL.set(BYTE, address, value);
  }

  /** The two bytes at an address. */
  public static short getHalf(long address) {
    return ALL.get(HALF, address);
  }

  /** Writes two bytes. */
  public static void putHalf(long address, short value) {
    ALL.set(HALF, address, value);
  }

  /** The four bytes at an address. */
  public static int getWord(long address) {
    return ALL.get(WORD, address);
  }

  /** Writes four bytes. */
  public static void putWord(long address, int value) {
    ALL.set(WORD, address, value);
  }

  /** The eight bytes at an address. */
  public static long getDoubleWord(long address) {
    return ALL.get(DOUBLE_WORD, address);
  }

  /** Writes eight bytes. */
  public static void putDoubleWord(long address, long value) {
    ALL.set(DOUBLE_WORD, address, value);
  }

  /** The word at a multiple of 4, ordered with all other atomic operations. */
  public static int getWordVolatile(long address) {
    return (int) ATOMIC_WORD.getVolatile(ALL, address);
  }

  /**
   * Writes a word at a multiple of 4 if it holds {@code expected}.
   *
   * @return what it held
   */
  public static int compareAndExchangeWord(long address, int expected, int value) {
    return (int) ATOMIC_WORD.compareAndExchange(ALL, address, expected, value);
  }

  /**
   * Writes a word at a multiple of 4.
   *
   * @return what it held
   */
  public static int getAndSetWord(long address, int value) {
    return (int) ATOMIC_WORD.getAndSet(ALL, address, value);
  }

  /**
   * Writes eight bytes at a multiple of 8 if they hold {@code expected}.
   *
   * @return what they held
   */
  public static long compareAndExchangeDoubleWord(long address, long expected, long value) {
    return (long) ATOMIC_DOUBLE_WORD.compareAndExchange(ALL, address, expected, value);
  }

  /** Sets {@code bytes} bytes to one value. */
  static void fill(long address, long bytes, byte value) {
    ALL.asSlice(address, bytes).fill(value);
  }

  /**
   * Zeroed memory, aligned to 16. Asked of the C library, so that large blocks cost nothing until
   * they are touched: shadows are far larger than what a launch reaches of them.
   */
  static long allocateZeroed(long bytes, String what) {
    long address;
    try {
      address = (long) CALLOC.invokeExact(Math.max(bytes, 1), 1L);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException("calloc failed: " + thrown.getMessage(), thrown);
    }
    if (address == 0) {
      throw new OutOfMemoryError("%s: no %,d MiB of memory left".formatted(what, bytes >> 20));
    }
    return address;
  }

  /** Gives back what {@link #allocateZeroed} gave. */
  static void free(long address) {
    try {
      FREE.invokeExact(address);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException("free failed: " + thrown.getMessage(), thrown);
    }
  }
}
