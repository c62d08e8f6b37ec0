package org.mirror4j.support;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.intercept.InterceptedKernels;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** The memory of the processor with kernels that check their arguments and do nothing. */
public final class IdleDevice implements Device {
  private final HostDevice memory = new HostDevice(1);
  private final Kernels kernels =
      InterceptedKernels.of(new OperandCheck(ownership(), storageTypes()), null);

  private final int tokenMultiple;

  /** A device for batches as they come. */
  public IdleDevice() {
    this(1);
  }

  /** A device that asks for a multiple of so many rows. */
  public IdleDevice(int tokenMultiple) {
    this.tokenMultiple = tokenMultiple;
  }

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public String description() {
    return "kernels that do nothing";
  }

  @Override
  public Ownership ownership() {
    return memory.ownership();
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public long allocate(long bytes) {
    long address = memory.allocate(bytes);
    // Zeros, as nothing will write what is read later.
    Tensor words =
        Tensor.at(ownership(), address, "words", DType.F32, Shape.of(Math.toIntExact(bytes / 4)));
    memory.kernels().memory().fill(words, 0);
    return address;
  }

  @Override
  public void free(long address) {
    memory.free(address);
  }

  @Override
  public Set<Precision> precisions() {
    return Set.of(Precision.F32);
  }

  @Override
  public void repeat(Ownership memory, Object key, Runnable operations) {
    operations.run();
  }

  @Override
  public int tokenMultiple() {
    return tokenMultiple;
  }

  @Override
  public boolean recomputes(DType storage) {
    return false;
  }

  @Override
  public long availableBytes() {
    return memory.availableBytes();
  }

  @Override
  public void upload(Tensor to, MemorySegment from) {
    memory.upload(to, from);
  }

  @Override
  public void download(MemorySegment to, Tensor from) {
    memory.download(to, from);
  }

  @Override
  public void upload(Tensor to, int[] values) {
    memory.upload(to, values);
  }

  @Override
  public void prefetch(Tensor to, int[] values) {
    memory.prefetch(to, values);
  }

  @Override
  public void prefetch(Tensor to, float[] values) {
    memory.prefetch(to, values);
  }

  @Override
  public void upload(Tensor to, float[] values) {
    memory.upload(to, values);
  }

  @Override
  public void download(float[] values, Tensor from) {
    memory.download(values, from);
  }

  @Override
  public void synchronize() {
    memory.synchronize();
  }

  @Override
  public void close() {
    memory.close();
  }
}
