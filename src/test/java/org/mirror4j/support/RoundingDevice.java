package org.mirror4j.support;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.device.CheckedKernels;
import org.mirror4j.device.Device;
import org.mirror4j.device.Kernels;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The processor as a device that stores f16 and bf16 too: each operation runs in f32 on widened
 * copies of its operands, and what it leaves in them is rounded to nearest even. So model code can
 * be tested as it runs on a card, with the rounding of storage and no other.
 */
public final class RoundingDevice implements Device {
  private final HostDevice host;
  private final Kernels kernels;
  private final Map<Long, Long> sizes = new HashMap<>();
  private long bytes;
  private long peakBytes;

  /** A device on so many threads. */
  public RoundingDevice(int threads) {
    host = new HostDevice(threads);
    Kernels rounding =
        (Kernels)
            Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (proxy, method, arguments) -> call(method, arguments));
    kernels = new CheckedKernels(rounding, storageTypes());
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("adamW") && arguments[1] != arguments[0]) {
      Object[] inPlace = arguments.clone();
      inPlace[1] = arguments[0];
      call(method, inPlace);
      kernels.convert((Tensor) arguments[1], (Tensor) arguments[0]);
      return null;
    }
    Map<Tensor, Tensor> copies = new IdentityHashMap<>();
    Object[] widened = arguments.clone();
    try (Workspace workspace = new Workspace(host)) {
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i] instanceof Tensor tensor && isNarrow(tensor)) {
          // One copy of each, so that an operand given twice stays one.
          widened[i] = copies.computeIfAbsent(tensor, from -> widen(workspace, from));
        }
      }
      method.invoke(host.kernels(), widened);
      copies.forEach(this::narrow);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    return null;
  }

  private static boolean isNarrow(Tensor tensor) {
    return tensor.dtype() == DType.F16 || tensor.dtype() == DType.BF16;
  }

  private Tensor widen(Workspace workspace, Tensor from) {
    Shape shape = from.rank() == 1 ? Shape.of(from.rows()) : Shape.of(from.rows(), from.columns());
    Tensor to = workspace.tensor(from.name(), DType.F32, shape);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment narrow = arena.allocate(from.bytes() + 1);
      MemorySegment wide = arena.allocate(to.bytes() + 1);
      host.download(narrow, from);
      FloatConversion.widen(narrow, from.dtype(), wide, from.size());
      host.upload(to, wide);
    }
    return to;
  }

  private void narrow(Tensor to, Tensor from) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment wide = arena.allocate(from.bytes() + 1);
      MemorySegment narrow = arena.allocate(to.bytes() + 1);
      host.download(wide, from);
      FloatConversion.narrow(wide, narrow, to.dtype(), to.size());
      host.upload(to, narrow);
    }
  }

  @Override
  public String name() {
    return "rounding";
  }

  @Override
  public String description() {
    return "processor with rounded storage";
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public Set<DType> storageTypes() {
    return EnumSet.of(DType.F32, DType.F16, DType.BF16);
  }

  @Override
  public void repeat(Object key, Runnable operations) {
    operations.run();
  }

  @Override
  public long availableBytes() {
    return host.availableBytes();
  }

  @Override
  public long allocate(long bytes) {
    long address = host.allocate(bytes);
    sizes.put(address, bytes);
    this.bytes += bytes;
    peakBytes = Math.max(peakBytes, this.bytes);
    return address;
  }

  @Override
  public void free(long address) {
    bytes -= sizes.remove(address);
    host.free(address);
  }

  /** The most bytes that were allocated at a time, those of the widened copies apart. */
  public long peakBytes() {
    return peakBytes;
  }

  @Override
  public void upload(Tensor to, MemorySegment from) {
    host.upload(to, from);
  }

  @Override
  public void download(MemorySegment to, Tensor from) {
    host.download(to, from);
  }

  @Override
  public void upload(Tensor to, int[] values) {
    host.upload(to, values);
  }

  @Override
  public void upload(Tensor to, float[] values) {
    host.upload(to, values);
  }

  @Override
  public void download(float[] values, Tensor from) {
    host.download(values, from);
  }

  @Override
  public void synchronize() {
    host.synchronize();
  }

  @Override
  public void close() {
    host.close();
  }
}
