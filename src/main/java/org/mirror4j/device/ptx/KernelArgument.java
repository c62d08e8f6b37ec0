package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.memory.Slice;

/** What a launch passes for a parameter. */
public sealed interface KernelArgument {
  /** A buffer, for a {@code .u64} parameter. */
  record Buffer(Slice slice) implements KernelArgument {}

  /** For a parameter of 32 bits that is no float. */
  record Word(int value) implements KernelArgument {}

  /** For an {@code .f32} parameter. */
  record Real(float value) implements KernelArgument {}

  /** For a parameter of 64 bits; 0 for a buffer the kernel is not to touch. */
  record DoubleWord(long value) implements KernelArgument {}

  /** A buffer the kernel may touch. */
  static KernelArgument of(Slice slice) {
    return new Buffer(slice);
  }

  /** A word. */
  static KernelArgument of(int value) {
    return new Word(value);
  }

  /** A float. */
  static KernelArgument of(float value) {
    return new Real(value);
  }

  /** A double word. */
  static KernelArgument of(long value) {
    return new DoubleWord(value);
  }
}
