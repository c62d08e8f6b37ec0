package org.mirror4j.device.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.KernelLauncher;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * The driver through JCuda, with a driver of the tests behind JCuda that does as little as it may.
 */
@Tag("stand-in")
class JCudaDriverTest {
  private static final KernelLibrary KERNELS = KernelLibrary.bundled();

  private final Arena arena = Arena.ofConfined();
  private StandInCard card;
  private JCudaDriver driver;

  @BeforeEach
  void open() {
    card = new StandInCard(new ScaleMachine());
    driver = card.open();
  }

  @AfterEach
  void close() {
    if (driver != null) {
      driver.close();
      card.driver().assertUnbroken();
      card.cublas().assertUnbroken();
      card.driver().assertNothingLeft();
      assertThat(card.cublas().created()).isFalse();
    }
    arena.close();
  }

  private MemorySegment floats(int count, long seed) {
    MemorySegment segment = arena.allocate(JAVA_FLOAT, count);
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      segment.setAtIndex(JAVA_FLOAT, i, random.nextFloat());
    }
    return segment;
  }

  private float[] read(long address, int count) {
    MemorySegment segment = arena.allocate(JAVA_FLOAT, count);
    driver.download(segment, address, segment.byteSize());
    return segment.toArray(JAVA_FLOAT);
  }

  private Tensor tensor(int size) {
    return Tensor.at(driver.allocate(4L * size), "x", DType.F32, Shape.of(size));
  }

  private void scale(KernelLauncher launcher, Tensor x, float factor) {
    launcher.kernel("scale").on(DType.F32).with(x).with(x.rows()).with(factor).launch();
  }

  @Test
  void describesTheCardAndTheDriver() {
    assertThat(driver.description())
        .startsWith("Stand-in 2080, compute capability 7.5, 0.3 GiB, CUDA 12.6 (")
        .endsWith("target/native/libcuda.so.1)");
    assertThat(driver.matrixProducts().description()).startsWith("cuBLAS 12.6.4 (");
  }

  @Test
  void bf16NeedsAnAmpere() {
    assertThat(driver.precisions()).containsExactlyInAnyOrder(Precision.F32, Precision.F16);
    driver.close();
    card.driver().setCards(new StandInDriver.Card("Stand-in A100", 8, 0, 1 << 28));
    driver = card.open();
    assertThat(driver.precisions()).contains(Precision.BF16, Precision.TF32);
  }

  /** Sizes around the piece that is copied at once, two of which fit the page-locked memory. */
  @ParameterizedTest
  @ValueSource(
      ints = {1, 31, 1025, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20, (3 << 20) + 127})
  void whatIsUploadedComesBack(int count) {
    MemorySegment values = floats(count, count);
    long address = driver.allocate(values.byteSize());
    driver.upload(address, values, values.byteSize());
    float[] expected = values.toArray(JAVA_FLOAT);
    // The contract: the source is free on return.
    values.fill((byte) -1);
    assertThat(read(address, count)).isEqualTo(expected);
  }

  @Test
  void manySmallUploadsKeepTheirOwnContents() {
    int count = 3000;
    int size = 1021;
    Tensor x = tensor(count * size);
    MemorySegment values = arena.allocate(JAVA_FLOAT, size);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < size; j++) {
        values.setAtIndex(JAVA_FLOAT, j, i + j / 1024f);
      }
      driver.upload(x.address() + 4L * i * size, values, values.byteSize());
    }
    assertThat(card.driver().takeCalls()).doesNotContain("cuStreamSynchronize");
    float[] found = read(x.address(), count * size);
    for (int i = 0; i < count * size; i++) {
      assertThat(found[i]).isEqualTo(i / size + i % size / 1024f);
    }
  }

  /**
   * The copy is not in the order of earlier work, which the stand-in has not even begun; later work
   * finds it done. The source is free on return.
   */
  @Test
  void whatIsPrefetchedIsThereForLaterWork() {
    Tensor x = tensor(64);
    Tensor y = tensor(64);
    MemorySegment values = floats(64, 1);
    float[] expected = values.toArray(JAVA_FLOAT);
    card.driver().takeCalls();
    driver.prefetch(x.address(), values, values.byteSize());
    values.fill((byte) -1);
    driver.copy(y.address(), x.address(), y.bytes());
    assertThat(card.driver().takeCalls())
        .containsExactly(
            "cuMemcpyHtoDAsync_v2", "cuEventRecord", "cuStreamWaitEvent", "cuMemcpyDtoDAsync_v2");
    assertThat(read(y.address(), 64)).isEqualTo(expected);
  }

  @Test
  void aSmallUploadIsOneCallAndWaitsForNothing() {
    Tensor x = tensor(64);
    MemorySegment values = floats(64, 1);
    card.driver().takeCalls();
    driver.upload(x.address(), values, values.byteSize());
    assertThat(card.driver().takeCalls()).containsExactly("cuMemcpyHtoDAsync_v2");
  }

  @Test
  void copiesAndFillsKeepTheOrderOfTheCalls() {
    Tensor x = tensor(33);
    Tensor y = tensor(33);
    driver.fill(x.address(), Float.floatToRawIntBits(3f), 33);
    driver.copy(y.address(), x.address(), 33 * 4);
    driver.fill(x.address(), 0, 32);
    assertThat(read(y.address(), 33)).containsOnly(3f);
    assertThat(read(x.address(), 33)[32]).isEqualTo(3f);
    assertThat(read(x.address(), 32)).containsOnly(0f);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33, 769, 1025})
  void aLaunchPassesItsArguments(int size) {
    KernelLauncher launcher = new KernelLauncher(driver, KERNELS);
    Tensor x = tensor(size);
    MemorySegment values = floats(size, size);
    driver.upload(x.address(), values, values.byteSize());
    scale(launcher, x, 0.25f);
    // Its arguments are in the memory that those of the first launch were in.
    scale(launcher, x, -8f);
    float[] expected = values.toArray(JAVA_FLOAT);
    for (int i = 0; i < size; i++) {
      expected[i] *= -2;
    }
    assertThat(read(x.address(), size)).isEqualTo(expected);
  }

  @Test
  void aLaunchIsOneCall() {
    KernelLauncher launcher = new KernelLauncher(driver, KERNELS);
    Tensor x = tensor(8);
    scale(launcher, x, 1f);
    card.driver().takeCalls();
    scale(launcher, x, 1f);
    assertThat(card.driver().takeCalls()).containsExactly("cuLaunchKernel");
  }

  @Test
  void aRecordingIsReplayedOnWhatTheBuffersHold() {
    KernelLauncher launcher = new KernelLauncher(driver, KERNELS);
    Tensor x = tensor(100);
    driver.fill(x.address(), Float.floatToRawIntBits(1f), 100);
    try (Driver.Recording recording =
        driver.record(
            () -> {
              scale(launcher, x, 2f);
              scale(launcher, x, 5f);
            })) {
      assertThat(read(x.address(), 100)).containsOnly(1f);
      recording.replay();
      assertThat(read(x.address(), 100)).containsOnly(10f);
      driver.fill(x.address(), Float.floatToRawIntBits(-1f), 100);
      card.driver().takeCalls();
      recording.replay();
      assertThat(card.driver().takeCalls()).containsExactly("cuGraphLaunch");
      assertThat(read(x.address(), 100)).containsOnly(-10f);
    }
  }

  @Test
  void aClosedRecordingCannotBeReplayed() {
    Driver.Recording recording = driver.record(() -> {});
    recording.close();
    recording.close();
    assertThatThrownBy(recording::replay)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("replay: the recording is closed");
  }

  @Test
  void whatCannotBeReplayedIsRefusedWhileRecording() {
    Tensor x = tensor(1);
    MemorySegment value = floats(1, 1);
    assertThatThrownBy(() -> driver.record(() -> driver.upload(x.address(), value, 4)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("upload while launches are recorded: it would not be repeated by a replay");
    assertThatThrownBy(() -> driver.record(driver::synchronize))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("synchronize while launches are recorded");
    // Neither attempt has left the stream recording.
    driver.upload(x.address(), value, 4);
    assertThat(read(x.address(), 1)).isEqualTo(value.toArray(JAVA_FLOAT));
  }

  @Test
  void eventsMeasureTheTimeBetweenThem() {
    Tensor x = tensor(1);
    try (Driver.Event start = driver.event();
        Driver.Event end = driver.event()) {
      start.record();
      driver.fill(x.address(), 0, 1);
      end.record();
      // The stand-in's clock makes a millisecond of every event.
      assertThat(end.microsSince(start)).isEqualTo(1000.0);
    }
  }

  @Test
  void outOfMemorySaysWhatWasAskedAndWhatToLower() {
    long free = driver.availableBytes();
    assertThat(free).isLessThan(1 << 28);
    driver.allocate(100 << 20);
    assertThatThrownBy(() -> driver.allocate(200 << 20))
        .isInstanceOf(Allocator.OutOfMemoryException.class)
        .hasMessage(
            "out of memory: 200 MiB asked, %d of 256 MiB free on Stand-in 2080; lower the batch"
                + " size or the maximum length, or store in f16 or bf16",
            (free >> 20) - 100);
  }

  @Test
  void memoryIsGivenBackOnce() {
    long before = driver.availableBytes();
    long address = driver.allocate(0);
    assertThat(address).isNotZero();
    driver.free(address);
    assertThat(driver.availableBytes()).isEqualTo(before);
    assertThatThrownBy(() -> driver.free(address))
        .hasMessageStartingWith("no allocation at address");
  }

  @Test
  void aKernelThatDoesNotAssembleShowsTheAssemblersMessage() {
    KernelSource scale = KERNELS.get("scale");
    KernelSource broken =
        new KernelSource("mine.ptx", scale.text().replace(".entry", ".function"), scale.contract());
    assertThatThrownBy(() -> driver.load(broken, DType.F32))
        .isInstanceOf(KernelException.class)
        .hasMessage(
            "mine.ptx: cuModuleLoadDataEx for scale: CUDA_ERROR_INVALID_PTX (218), text of 218\n"
                + "line 1; fatal   : no entry");
  }

  @Test
  void aLaunchThatIsRefusedNamesKernelAndExtents() {
    KernelLauncher launcher = new KernelLauncher(driver, KERNELS);
    Tensor x = tensor(2048);
    scale(launcher, x, 1f);
    card.driver().fail("cuLaunchKernel", StandInDriver.INVALID_VALUE);
    assertThatThrownBy(() -> scale(launcher, x, 1f))
        .isInstanceOf(CudaException.class)
        .hasMessage(
            "cuLaunchKernel for scale, grid 2, block 256, shared 0 bytes: CUDA_ERROR_INVALID_VALUE"
                + " (1), text of 1; the last launches were scale (CUDA_LAUNCH_BLOCKING=1 tells them"
                + " apart)");
    card.driver().fail("cuLaunchKernel", 0);
  }

  @Test
  void aFailureInsideAKernelShowsWhereItIsWaitedFor() {
    KernelLauncher launcher = new KernelLauncher(driver, KERNELS);
    Tensor x = tensor(1);
    scale(launcher, x, Float.NaN);
    assertThatThrownBy(driver::synchronize)
        .isInstanceOf(CudaException.class)
        .hasMessageStartingWith(
            "cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS (700), text of 700; the last launches"
                + " were scale")
        .satisfies(e -> assertThat(((CudaException) e).code()).isEqualTo(700));
  }

  @Test
  void callsFromAnotherThreadReachTheCard() throws InterruptedException {
    Tensor x = tensor(5);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread other = new Thread(() -> driver.fill(x.address(), 7, 5));
    other.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
    card.driver().takeCalls();
    other.start();
    other.join();
    assertThat(failure.get()).isNull();
    assertThat(card.driver().takeCalls()).containsExactly("cuCtxSetCurrent", "cuMemsetD32Async");
    MemorySegment words = arena.allocate(JAVA_INT, 5);
    driver.download(words, x.address(), 20);
    assertThat(words.toArray(JAVA_INT)).containsOnly(7);
  }

  @Test
  void aFailedStartLeavesNothingBehind() {
    driver.close();
    for (String call :
        new String[] {
          "cuDevicePrimaryCtxRetain",
          "cuCtxSetCurrent",
          "cuStreamCreate",
          "cuMemAllocHost_v2",
          "cuEventCreate"
        }) {
      card.driver().fail(call, StandInDriver.OUT_OF_MEMORY);
      assertThatThrownBy(card::open)
          .isInstanceOf(CudaException.class)
          .hasMessageContaining("CUDA_ERROR_OUT_OF_MEMORY (2)");
      card.driver().fail(call, 0);
      card.driver().assertNothingLeft();
    }
    card.cublas().fail("cublasCreate_v2", StandInCublas.NOT_INITIALIZED);
    assertThatThrownBy(card::open)
        .isInstanceOf(CudaException.class)
        .hasMessageStartingWith("cublasCreate for cuBLAS 12.6.4 (")
        .hasMessageEndingWith("): CUBLAS_STATUS_NOT_INITIALIZED (1)");
    card.cublas().fail("cublasCreate_v2", 0);
    card.driver().assertNothingLeft();
    card.cublas().fail("cublasSetWorkspace_v2", StandInCublas.INVALID_VALUE);
    assertThatThrownBy(card::open)
        .isInstanceOf(CudaException.class)
        .hasMessage("cublasSetWorkspace: CUBLAS_STATUS_INVALID_VALUE (7)");
    card.cublas().fail("cublasSetWorkspace_v2", 0);
    card.driver().setCards(new StandInDriver.Card("small", 9, 0, 31 << 20));
    assertThatThrownBy(card::open)
        .isInstanceOf(Allocator.OutOfMemoryException.class)
        .hasMessageStartingWith("out of memory: 32 MiB asked, 31 of 31 MiB free on small;");
    card.driver().assertNothingLeft();
  }

  @Test
  void closingGoesOnWhereMemoryCannotBeFreed() {
    card.driver().fail("cuMemFree_v2", StandInDriver.ILLEGAL_ADDRESS);
    driver.close();
    assertThat(card.cublas().created()).isFalse();
    assertThatThrownBy(() -> driver.allocate(1)).hasMessageEndingWith("its driver is closed");
    driver = null; // what was not freed is left
  }

  @Test
  void aClosedDriverRefusesWork() {
    driver.close();
    assertThatThrownBy(() -> driver.allocate(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Stand-in 2080: its driver is closed");
  }
}
