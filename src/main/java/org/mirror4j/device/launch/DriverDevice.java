package org.mirror4j.device.launch;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import org.mirror4j.device.CopyCheck;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;

/** A card, or the interpreter in its place: whatever is behind the {@link Driver}. */
public final class DriverDevice implements Device {
  private final String name;
  private final Ownership ownership;
  private final CopyCheck check;
  private final Driver driver;
  private final LaunchScratch scratch;
  private final DropoutStep dropoutStep;
  private final KernelLauncher launcher;
  private final Kernels kernels;
  private final SortedMap<String, String> replacedKernels;

  /** This device and what it is with other factors of products, all the same but for these. */
  private final Map<Factors, DriverDevice> byFactors;

  /**
   * Launches that were recorded.
   *
   * @param dropout whose step they read
   */
  private record Recorded(Driver.Recording recording, Dropout dropout) {}

  /** What {@link #repeat} knows of a memory's keys: null after the first, eager call. */
  private final Map<Ownership, Map<Object, Recorded>> recordings = new HashMap<>();

  /**
   * @param name as in the option {@code --device}
   * @param driver closed with this device
   */
  public DriverDevice(String name, Driver driver, KernelLibrary library) {
    this.name = name;
    ownership = Ownership.ofDevice(name);
    check = new CopyCheck(ownership);
    this.driver = driver;
    scratch = new LaunchScratch(driver);
    dropoutStep = new DropoutStep(driver);
    replacedKernels = library.replaced();
    launcher = new KernelLauncher(driver, library);
    kernels = kernels(Factors.AS_STORED);
    byFactors = new EnumMap<>(Map.of(Factors.AS_STORED, this));
  }

  /** Another device with the same memory and in the same order of work. */
  private DriverDevice(DriverDevice opened, Factors factors) {
    name = opened.name;
    ownership = opened.ownership;
    check = opened.check;
    driver = opened.driver;
    scratch = opened.scratch;
    dropoutStep = opened.dropoutStep;
    replacedKernels = opened.replacedKernels;
    launcher = opened.launcher;
    kernels = kernels(factors);
    byFactors = opened.byFactors;
  }

  private Kernels kernels(Factors factors) {
    OperandCheck operands = new OperandCheck(ownership, storageTypes());
    return LaunchedKernels.of(operands, launcher, scratch, dropoutStep, factors);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return driver.description() + ", " + driver.matrixProducts().description();
  }

  @Override
  public SortedMap<String, String> replacedKernels() {
    return replacedKernels;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public Set<Precision> precisions() {
    return driver.precisions();
  }

  @Override
  public DriverDevice computing(Precision precision) {
    ownership.require();
    Device.super.computing(precision);
    return byFactors.computeIfAbsent(
        precision.factors(), factors -> new DriverDevice(this, factors));
  }

  @Override
  public void repeat(Ownership memory, Object key, Runnable operations) {
    ownership.require();
    Map<Object, Recorded> known = recordings.get(memory);
    if (known == null) {
      memory.beforeClose(() -> close(recordings.remove(memory)));
      known = new HashMap<>();
      recordings.put(memory, known);
    }
    if (!known.containsKey(key)) {
      // The first time loads kernels and lets scratch grow, which cannot be recorded.
      operations.run();
      known.put(key, null);
      return;
    }
    Recorded recorded = known.get(key);
    if (recorded == null) {
      recorded = record(operations);
      known.put(key, recorded);
    }
    dropoutStep.refresh(recorded.dropout);
    recorded.recording.replay();
  }

  private Recorded record(Runnable operations) {
    scratch.recording(true);
    dropoutStep.startRecording();
    Driver.Recording recording;
    try {
      recording = driver.record(operations);
    } finally {
      scratch.recording(false);
      dropoutStep.endRecording();
    }
    return new Recorded(recording, dropoutStep.recorded());
  }

  @Override
  public int tokenMultiple() {
    return 64;
  }

  @Override
  public boolean recomputes(DType storage) {
    return false;
  }

  @Override
  public Ownership ownership() {
    return ownership;
  }

  @Override
  public long availableBytes() {
    ownership.require();
    return driver.availableBytes();
  }

  @Override
  public long allocate(long bytes) {
    ownership.require();
    return driver.allocate(bytes);
  }

  @Override
  public void free(long address) {
    ownership.require();
    driver.free(address);
  }

  @Override
  public void upload(Tensor to, MemorySegment from) {
    check.to(to, "upload", from.byteSize());
    driver.upload(to.address(), from, to.bytes());
  }

  @Override
  public void download(MemorySegment to, Tensor from) {
    check.from(from, "download", to.byteSize());
    driver.download(to, from.address(), from.bytes());
  }

  @Override
  public void upload(Tensor to, int[] values) {
    check.to(to, "upload", DType.I32, values.length);
    driver.upload(to.address(), MemorySegment.ofArray(values), to.bytes());
  }

  @Override
  public void prefetch(Tensor to, int[] values) {
    check.to(to, "prefetch", DType.I32, values.length);
    driver.prefetch(to.address(), MemorySegment.ofArray(values), to.bytes());
  }

  @Override
  public void prefetch(Tensor to, float[] values) {
    check.to(to, "prefetch", DType.F32, values.length);
    driver.prefetch(to.address(), MemorySegment.ofArray(values), to.bytes());
  }

  @Override
  public void upload(Tensor to, float[] values) {
    check.to(to, "upload", DType.F32, values.length);
    driver.upload(to.address(), MemorySegment.ofArray(values), to.bytes());
  }

  @Override
  public void download(float[] values, Tensor from) {
    check.from(from, "download", DType.F32, values.length);
    driver.download(MemorySegment.ofArray(values), from.address(), from.bytes());
  }

  @Override
  public void synchronize() {
    ownership.require();
    driver.synchronize();
  }

  @Override
  public void close() {
    if (ownership.close()) {
      byFactors.values().forEach(device -> device.recordings.values().forEach(DriverDevice::close));
      driver.close();
    }
  }

  private static void close(Map<Object, Recorded> recordings) {
    recordings.values().stream().filter(Objects::nonNull).forEach(one -> one.recording.close());
  }
}
