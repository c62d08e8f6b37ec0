package org.mirror4j.device.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.mirror4j.device.CopyCheck;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.PackedProduct;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;

/** The processor this program runs on. Operations are done when their call returns. */
public final class HostDevice implements Device {
  private static final String NAME = "cpu";

  private final Ownership ownership = Ownership.ofProcess(NAME);
  private final CopyCheck check = new CopyCheck(ownership);
  private final HostAllocator memory = new HostAllocator();
  private final HostThreads threads;
  private final MatrixLibrary.Choice matrixLibrary;
  private final Set<Precision> precisions;
  private final HostKernels kernels;

  /**
   * @param threads threads that compute, the caller included; results do not depend on it
   * @throws IllegalStateException if no matrix library loads
   */
  public HostDevice(int threads) {
    this(threads, new ScalarStart(ScalarStart.FIRST_TEXTS));
  }

  /** The same, with so much work done by scalars before vectors do it. */
  HostDevice(int threads, ScalarStart start) {
    matrixLibrary = MatrixLibrary.choose();
    precisions =
        matrixLibrary.library().multipliesBfloat16()
            ? EnumSet.of(Precision.F32, Precision.BF16)
            : EnumSet.of(Precision.F32);
    this.threads = new HostThreads(threads);
    kernels =
        HostKernels.of(
            new OperandCheck(ownership, storageTypes()),
            this.threads,
            matrixLibrary.library(),
            memory,
            start);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return processor() + ", " + matrixLibrary();
  }

  /** One line for people: processor, instruction set, threads. */
  public String processor() {
    int size = threads.size();
    String count = size + (size == 1 ? " thread" : " threads");
    return String.join(", ", HostSystem.processor(), HostSystem.vectors(), count);
  }

  /** One line for people: what multiplies matrices, and why it is not another. */
  public String matrixLibrary() {
    return matrixLibrary.description();
  }

  @Override
  public Kernels kernels() {
    return kernels.operations();
  }

  @Override
  public Optional<PackedProduct> packed(DType type) {
    return Optional.of(kernels.packed()).filter(packed -> packed.types().contains(type));
  }

  @Override
  public Set<Precision> precisions() {
    return precisions;
  }

  @Override
  public void repeat(Ownership memory, Object key, Runnable operations) {
    ownership.require();
    operations.run();
  }

  @Override
  public int tokenMultiple() {
    return 1;
  }

  @Override
  public boolean recomputes(DType storage) {
    return storage == DType.F32;
  }

  @Override
  public Ownership ownership() {
    return ownership;
  }

  @Override
  public long availableBytes() {
    return HostSystem.availableBytes();
  }

  @Override
  public long allocate(long bytes) {
    ownership.require();
    return memory.allocate(bytes);
  }

  @Override
  public void free(long address) {
    ownership.require();
    memory.free(address);
  }

  @Override
  public void discard(Tensor tensor) {
    ownership.require();
    ownership.requireOwn("discard", "tensor", tensor, true);
    HostAllocator.discard(tensor.address(), tensor.bytes());
  }

  @Override
  public void upload(Tensor to, MemorySegment from) {
    check.to(to, "upload", from.byteSize());
    MemorySegment.copy(from, 0, HostAllocator.ALL, to.address(), to.bytes());
  }

  @Override
  public void download(MemorySegment to, Tensor from) {
    check.from(from, "download", to.byteSize());
    MemorySegment.copy(HostAllocator.ALL, from.address(), to, 0, from.bytes());
  }

  @Override
  public void upload(Tensor to, int[] values) {
    check.to(to, "upload", DType.I32, values.length);
    MemorySegment.copy(
        values,
        0,
        HostAllocator.ALL,
        ValueLayout.JAVA_INT_UNALIGNED,
        to.address(),
        (int) to.size());
  }

  @Override
  public void prefetch(Tensor to, int[] values) {
    upload(to, values);
  }

  @Override
  public void prefetch(Tensor to, float[] values) {
    upload(to, values);
  }

  @Override
  public void upload(Tensor to, float[] values) {
    check.to(to, "upload", DType.F32, values.length);
    MemorySegment.copy(
        values,
        0,
        HostAllocator.ALL,
        ValueLayout.JAVA_FLOAT_UNALIGNED,
        to.address(),
        (int) to.size());
  }

  @Override
  public void download(float[] values, Tensor from) {
    check.from(from, "download", DType.F32, values.length);
    MemorySegment.copy(
        HostAllocator.ALL,
        ValueLayout.JAVA_FLOAT_UNALIGNED,
        from.address(),
        values,
        0,
        (int) from.size());
  }

  @Override
  public void synchronize() {
    // Every operation has finished when its call returns.
    ownership.require();
  }

  @Override
  public void close() {
    if (ownership.close()) {
      threads.close();
      kernels.multipliers().forEach(MatrixLibrary.Multiplier::close);
      memory.freeAll();
    }
  }
}
