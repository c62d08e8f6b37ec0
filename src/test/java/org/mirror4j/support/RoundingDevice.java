package org.mirror4j.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.intercept.InterceptedKernels;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The processor as a device that stores f16 and bf16 too: each operation runs in f32 on widened
 * copies of its operands, and what it leaves in them is rounded to nearest even. So model code can
 * be tested as it runs on a card, with the rounding of storage and no other.
 *
 * <p>It also holds {@link #repeat} to its promise: operations of one key are the same calls on the
 * same tensors of the same sizes each time, and nothing is copied or allocated between them.
 */
public final class RoundingDevice implements Device {
  private final HostDevice host;
  private final Kernels kernels;
  private final Map<Long, Long> sizes = new HashMap<>();
  private long bytes;
  private long peakBytes;
  private final int tokenMultiple;

  /** What was called with each key the first time. */
  private final Map<Object, List<String>> recorded = new HashMap<>();

  private List<String> recording;
  private int repeats;

  /** A device on so many threads, for batches as they come. */
  public RoundingDevice(int threads) {
    this(threads, 1);
  }

  /** A device on so many threads. */
  public RoundingDevice(int threads, int tokenMultiple) {
    this.tokenMultiple = tokenMultiple;
    host = new HostDevice(threads);
    kernels = InterceptedKernels.of(new OperandCheck(ownership(), storageTypes()), this::call);
  }

  private void call(String operation, Object... arguments) {
    if (recording != null) {
      recording.add(operation + Arrays.stream(arguments).map(this::text).toList());
    }
    if (arguments[0] instanceof Optimizer.AdamW adamW && adamW.stored() != adamW.parameters()) {
      Object[] inPlace = arguments.clone();
      inPlace[0] =
          new Optimizer.AdamW(
              adamW.parameters(),
              adamW.parameters(),
              adamW.gradients(),
              adamW.firstMoment(),
              adamW.secondMoment(),
              adamW.beta1(),
              adamW.beta2(),
              adamW.epsilon());
      call(operation, inPlace);
      kernels.memory().convert(adamW.stored(), adamW.parameters());
      return;
    }
    Map<Tensor, Tensor> copies = new IdentityHashMap<>();
    Object[] widened = arguments.clone();
    try (Workspace workspace = new Workspace(host)) {
      for (int i = 0; i < arguments.length; i++) {
        // One copy of each, so that an operand given twice stays one.
        widened[i] =
            InterceptedKernels.withTensors(
                arguments[i],
                tensor ->
                    isNarrow(tensor)
                        ? copies.computeIfAbsent(tensor, from -> widen(workspace, from))
                        : tensor);
      }
      InterceptedKernels.run(host.kernels(), operation, widened);
      copies.forEach(this::narrow);
    }
  }

  /** What a recorded launch keeps of an argument: all but the contents and the step. */
  private String text(Object argument) {
    return switch (argument) {
      case Tensor tensor -> tensor + " at " + tensor.address();
      case Record operands -> {
        List<Object> addresses = new ArrayList<>();
        InterceptedKernels.withTensors(
            operands,
            tensor -> {
              addresses.add(tensor.address());
              return tensor;
            });
        yield operands + " at " + addresses;
      }
      case Dropout dropout ->
          "dropout %d %d %d"
              .formatted(dropout.seed(), dropout.threshold(), dropout.headThreshold());
      default -> argument.toString();
    };
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
  public Ownership ownership() {
    return host.ownership();
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
  public Set<Precision> precisions() {
    return EnumSet.of(Precision.F32, Precision.F16, Precision.BF16);
  }

  @Override
  public void repeat(Ownership memory, Object key, Runnable operations) {
    recording = new ArrayList<>();
    operations.run();
    List<String> before = recorded.putIfAbsent(key, recording);
    if (before != null) {
      assertThat(recording).isEqualTo(before);
      repeats++;
    }
    recording = null;
  }

  /** Keys that came. */
  public int keys() {
    return recorded.size();
  }

  /** Calls whose key had come before. */
  public int repeats() {
    return repeats;
  }

  @Override
  public int tokenMultiple() {
    return tokenMultiple;
  }

  private void requireNotRecording(String what) {
    assertThat(recording).as(what + " between the operations of a repeated step").isNull();
  }

  @Override
  public boolean recomputes(DType storage) {
    return false;
  }

  @Override
  public long availableBytes() {
    return host.availableBytes();
  }

  @Override
  public long allocate(long bytes) {
    requireNotRecording("allocate");
    long address = host.allocate(bytes);
    sizes.put(address, bytes);
    this.bytes += bytes;
    peakBytes = Math.max(peakBytes, this.bytes);
    return address;
  }

  @Override
  public void free(long address) {
    requireNotRecording("free");
    bytes -= sizes.remove(address);
    host.free(address);
  }

  /** The most bytes that were allocated at a time, those of the widened copies apart. */
  public long peakBytes() {
    return peakBytes;
  }

  @Override
  public void upload(Tensor to, MemorySegment from) {
    requireNotRecording("upload");
    host.upload(to, from);
  }

  @Override
  public void download(MemorySegment to, Tensor from) {
    requireNotRecording("download");
    host.download(to, from);
  }

  @Override
  public void upload(Tensor to, int[] values) {
    requireNotRecording("upload");
    host.upload(to, values);
  }

  @Override
  public void prefetch(Tensor to, int[] values) {
    requireNotRecording("prefetch");
    host.prefetch(to, values);
  }

  @Override
  public void prefetch(Tensor to, float[] values) {
    requireNotRecording("prefetch");
    host.prefetch(to, values);
  }

  @Override
  public void upload(Tensor to, float[] values) {
    requireNotRecording("upload");
    host.upload(to, values);
  }

  @Override
  public void download(float[] values, Tensor from) {
    requireNotRecording("download");
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
