package org.mirror4j.research.card;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** What a tensor holds, on the Java heap. */
final class HostCopy {
  private HostCopy() {}

  /** The elements of an f32, f16 or bf16 tensor. */
  static float[] floats(Device device, Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.size())];
    if (tensor.dtype() == DType.F32) {
      device.download(values, tensor);
      return values;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, tensor.bytes()), Allocator.ALIGNMENT);
      device.download(bytes, tensor);
      for (int i = 0; i < values.length; i++) {
        short bits = bytes.getAtIndex(JAVA_SHORT, i);
        values[i] =
            tensor.dtype() == DType.F16
                ? Float.float16ToFloat(bits)
                : Float.intBitsToFloat(bits << 16);
      }
    }
    return values;
  }

  /** The elements of an i32 tensor. */
  static int[] ints(Device device, Tensor tensor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, tensor.bytes()), Allocator.ALIGNMENT);
      device.download(bytes, tensor);
      return bytes.asSlice(0, tensor.bytes()).toArray(JAVA_INT);
    }
  }
}
