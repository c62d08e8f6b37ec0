package org.mirror4j.device.ptx;

import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.MatrixProducts;
import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.number.NarrowFloat;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Matrix products of interpreted memory by the processor's library. Operands in a half type are
 * widened, which is exact, multiplied and summed in f32, and a result in a half type is rounded
 * once: what tensor cores promise but for the order of the sums.
 *
 * <p>For TF32 operands in f32 are rounded as {@code cvt.rna.tf32.f32} does, to nearest and ties
 * away from zero: the one conversion to TF32 that all its cards have in PTX, and an error of at
 * most {@code 2^-11} of an operand. What cuBLAS does with f32 on its way to the tensor cores is not
 * documented: were the lower 13 bits left out, the error would be twice that. So of TF32 the
 * interpreter shows the size of the errors, not the bits of a card.
 */
final class HostProducts implements MatrixProducts {
  private final GlobalMemory memory;
  private final HostDevice host;
  private final Buffer left = new Buffer();
  private final Buffer right = new Buffer();
  private final Buffer result = new Buffer();

  HostProducts(GlobalMemory memory, int threads) {
    this.memory = memory;
    host = new HostDevice(threads);
  }

  @Override
  public String description() {
    return "products on " + host.description();
  }

  long availableBytes() {
    return host.availableBytes();
  }

  @Override
  public void multiply(GemmSpec spec, Factors factors, int batch, Tensor c, Tensor a, Tensor b) {
    memory.requireWritten(a.address(), a.bytes(), "gemm: a, " + a.name());
    memory.requireWritten(b.address(), b.bytes(), "gemm: b, " + b.name());
    if (spec.accumulate()) {
      memory.requireWritten(c.address(), c.bytes(), "gemm: c, " + c.name());
    }
    boolean isNarrow = c.dtype() != DType.F32;
    Tensor wideC = isNarrow ? result.like(c) : host(c);
    if (isNarrow && spec.accumulate()) {
      widen(wideC, c);
    }
    host.kernels()
        .product()
        .gemmStridedBatched(
            spec, batch, wideC, factors(left, a, factors), factors(right, b, factors));
    if (isNarrow) {
      narrow(c, wideC);
    }
    memory.markWritten(c.address(), c.bytes());
  }

  /** An operand as it is multiplied. */
  private Tensor factors(Buffer buffer, Tensor x, Factors factors) {
    if (x.dtype() != DType.F32) {
      Tensor wide = buffer.like(x);
      widen(wide, x);
      return wide;
    }
    if (factors == Factors.AS_STORED) {
      return host(x);
    }
    Tensor rounded = buffer.like(x);
    round(rounded, x);
    return rounded;
  }

  /** Interpreted memory is the processor's own, at the same addresses. */
  private Tensor host(Tensor x) {
    return at(x.address(), x);
  }

  private Tensor at(long address, Tensor x) {
    Shape shape = Shape.of(x.rows(), x.columns());
    return Tensor.at(host.ownership(), address, x.name(), DType.F32, shape);
  }

  private static void widen(Tensor y, Tensor x) {
    boolean isHalf = x.dtype() == DType.F16;
    for (long i = 0; i < x.size(); i++) {
      short bits = NativeMemory.getHalf(x.address() + 2 * i);
      float value = isHalf ? NarrowFloat.halfToFloat(bits) : NarrowFloat.bfloat16ToFloat(bits);
      NativeMemory.putWord(y.address() + 4 * i, Float.floatToRawIntBits(value));
    }
  }

  private static void round(Tensor y, Tensor x) {
    for (long i = 0; i < x.size(); i++) {
      float value = Float.intBitsToFloat(NativeMemory.getWord(x.address() + 4 * i));
      NativeMemory.putWord(y.address() + 4 * i, NarrowFloat.toTf32(value));
    }
  }

  private static void narrow(Tensor y, Tensor x) {
    boolean isHalf = y.dtype() == DType.F16;
    for (long i = 0; i < x.size(); i++) {
      float value = Float.intBitsToFloat(NativeMemory.getWord(x.address() + 4 * i));
      short bits = isHalf ? NarrowFloat.toHalf(value) : NarrowFloat.toBfloat16(value);
      NativeMemory.putHalf(y.address() + 2 * i, bits);
    }
  }

  @Override
  public void close() {
    host.close();
  }

  /** An f32 matrix that grows to the largest asked for. */
  private final class Buffer {
    private long address;
    private long bytes;

    Tensor like(Tensor x) {
      long needed = 4 * x.size();
      if (needed > bytes) {
        if (bytes > 0) {
          host.free(address);
        }
        bytes = (needed + Allocator.ALIGNMENT - 1) / Allocator.ALIGNMENT * Allocator.ALIGNMENT;
        address = host.allocate(bytes);
      }
      return at(address, x);
    }
  }
}
