package org.mirror4j.device.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.MatrixProducts;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.tensor.DType;

/**
 * A card behind NVIDIA's driver, through JCuda. All work goes into one stream, in the order of the
 * calls; only what is prefetched goes into a second one, for which later work in the first waits.
 * Most failures of a kernel show at a later call, one that waits; its message then names the
 * launches before it.
 */
public final class JCudaDriver implements Driver {
  /** The largest copy in one piece: a batch's tokens in one, weights in many. */
  private static final long STAGING_BYTES = 4 << 20;

  /** How many of the last launches a message names. */
  private static final int HISTORY = 4;

  private final CudaLibraries libraries;
  private final CudaCard card;
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final CUstream prefetches = new CUstream();
  private final CUevent prefetched = new CUevent();
  private final CardMemory memory;
  private final List<CardKernel> kernels = new ArrayList<>();

  /** What gives back what {@link #start} has taken, the last first. */
  private final Deque<Runnable> closing = new ArrayDeque<>();

  private final String[] history = new String[HISTORY];
  private PinnedStaging staging;
  private PinnedStaging prefetchStaging;
  private CublasProducts products;
  private long launches;
  private Thread contextThread;
  private boolean recording;
  private boolean closed;

  private JCudaDriver(CudaLibraries libraries) {
    this.libraries = libraries;
    card = libraries.driver().firstUsable();
    memory = new CardMemory(card.name());
  }

  /**
   * The first usable card.
   *
   * @throws CudaException if the driver or cuBLAS cannot be initialised on it
   */
  public static JCudaDriver open(CudaLibraries libraries) {
    JCudaDriver driver = new JCudaDriver(libraries);
    try {
      driver.start();
      return driver;
    } catch (RuntimeException | Error failure) {
      driver.close();
      throw failure;
    }
  }

  private void start() {
    DriverCheck.require(cuInit(0), "cuInit");
    DriverCheck.require(cuDeviceGet(device, card.ordinal()), "cuDeviceGet", card.name());
    // The context that cuBLAS would take by itself.
    DriverCheck.require(
        cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain", card.name());
    closing.push(() -> cuDevicePrimaryCtxRelease(device));
    enter();
    DriverCheck.require(
        cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    closing.push(() -> cuStreamDestroy(stream));
    DriverCheck.require(
        cuStreamCreate(prefetches, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    closing.push(() -> cuStreamDestroy(prefetches));
    DriverCheck.require(
        cuEventCreate(prefetched, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
    closing.push(() -> cuEventDestroy(prefetched));
    closing.push(memory::close);
    closing.push(() -> kernels.forEach(CardKernel::close));
    staging = new PinnedStaging(stream, STAGING_BYTES);
    closing.push(staging::close);
    prefetchStaging = new PinnedStaging(prefetches, STAGING_BYTES);
    closing.push(prefetchStaging::close);
    products = new CublasProducts(this, stream, libraries.cublas(), card);
    closing.push(products::close);
    closing.push(() -> cuStreamSynchronize(stream));
    closing.push(() -> cuStreamSynchronize(prefetches));
  }

  /** Makes the card's context that of the calling thread. */
  private void enter() {
    if (closed) {
      throw new IllegalStateException("%s: its driver is closed".formatted(card.name()));
    }
    if (contextThread != Thread.currentThread()) {
      DriverCheck.require(cuCtxSetCurrent(context), "cuCtxSetCurrent", card.name());
      contextThread = Thread.currentThread();
    }
  }

  /** Takes all work, of libraries too; the card's context is then that of the calling thread. */
  public CUstream stream() {
    enter();
    return stream;
  }

  private void enterUnlessRecording(String operation) {
    enter();
    if (recording) {
      throw new IllegalStateException(
          operation + " while launches are recorded: it would not be repeated by a replay");
    }
  }

  @Override
  public String description() {
    return card.description() + ", " + libraries.driver().description();
  }

  @Override
  public Set<Precision> precisions() {
    return card.hasBf16AndTf32()
        ? EnumSet.of(Precision.F32, Precision.TF32, Precision.F16, Precision.BF16)
        : EnumSet.of(Precision.F32, Precision.F16);
  }

  @Override
  public long availableBytes() {
    enter();
    return memory.availableBytes();
  }

  @Override
  public long allocate(long bytes) {
    enter();
    return memory.allocate(bytes);
  }

  @Override
  public void free(long address) {
    enter();
    memory.free(address);
  }

  @Override
  public Kernel load(KernelSource source, DType storage) {
    enter();
    CardKernel kernel = new CardKernel(source, storage);
    kernels.add(kernel);
    return kernel;
  }

  @Override
  public void launch(
      Kernel kernel, int grid, int block, int sharedBytes, KernelArguments arguments) {
    enter();
    CardKernel loaded = (CardKernel) kernel;
    int code = loaded.launch(grid, block, sharedBytes, arguments, stream);
    if (code != 0) {
      throw CudaException.ofDriver(
              "cuLaunchKernel",
              "%s, grid %d, block %d, shared %d bytes"
                  .formatted(loaded.entry(), grid, block, sharedBytes),
              code)
          .after(recentLaunches());
    }
    history[(int) (launches++ % HISTORY)] = loaded.entry();
  }

  @Override
  public MatrixProducts matrixProducts() {
    return products;
  }

  @Override
  public void upload(long to, MemorySegment from, long bytes) {
    enterUnlessRecording("upload");
    staging.upload(to, from, bytes);
  }

  @Override
  public void prefetch(long to, MemorySegment from, long bytes) {
    enterUnlessRecording("prefetch");
    prefetchStaging.upload(to, from, bytes);
    DriverCheck.require(cuEventRecord(prefetched, prefetches), "cuEventRecord");
    DriverCheck.require(cuStreamWaitEvent(stream, prefetched, 0), "cuStreamWaitEvent");
  }

  @Override
  public void download(MemorySegment to, long from, long bytes) {
    enterUnlessRecording("download");
    waiting(() -> staging.download(to, from, bytes));
  }

  @Override
  public void copy(long to, long from, long bytes) {
    enter();
    if (bytes > 0) {
      DriverCheck.require(
          cuMemcpyDtoDAsync(DevicePointer.to(to), DevicePointer.to(from), bytes, stream),
          "cuMemcpyDtoDAsync");
    }
  }

  @Override
  public void fill(long to, int word, long words) {
    enter();
    if (words > 0) {
      DriverCheck.require(
          cuMemsetD32Async(DevicePointer.to(to), word, words, stream), "cuMemsetD32Async");
    }
  }

  @Override
  public void synchronize() {
    enterUnlessRecording("synchronize");
    waiting(staging::synchronize);
  }

  /** Waits, and says after which launches a failure was seen. */
  private void waiting(Runnable wait) {
    try {
      wait.run();
    } catch (CudaException failure) {
      throw failure.after(recentLaunches());
    }
  }

  private String recentLaunches() {
    StringJoiner names = new StringJoiner(", ");
    for (long i = Math.max(0, launches - HISTORY); i < launches; i++) {
      names.add(history[(int) (i % HISTORY)]);
    }
    return launches == 0
        ? ""
        : "the last launches were %s (CUDA_LAUNCH_BLOCKING=1 tells them apart)".formatted(names);
  }

  @Override
  public Recording record(Runnable work) {
    enterUnlessRecording("record");
    recording = true;
    try {
      return CardRecording.of(stream, work);
    } finally {
      recording = false;
    }
  }

  @Override
  public Event event() {
    enter();
    return new CardEvent(stream);
  }

  /** {@inheritDoc} Does as much of it as can be done, whatever state a failure has left. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (!closing.isEmpty()) {
      cuCtxSetCurrent(context);
    }
    closing.forEach(Runnable::run);
    closed = true;
  }
}
