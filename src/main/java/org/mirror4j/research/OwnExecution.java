package org.mirror4j.research;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.KernelLauncher;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelContract.Access;
import org.mirror4j.device.launch.source.KernelContract.Buffer;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.count.LaunchCounter;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.file.NpyArray;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** An {@link OwnRun} at work: the interpreter and the buffers in its memory. */
final class OwnExecution implements AutoCloseable {
  private final KernelContract contract;
  private final DType storage;
  private final OwnLaunch own;
  private final LaunchCounter counter = new LaunchCounter();
  private final PtxDriver driver;
  private final KernelLauncher.Launch launch;
  private final SequencedMap<Buffer, Tensor> tensors = new LinkedHashMap<>();

  /** What was passed to the driver; null until then. */
  private Launched launched;

  private record Launched(KernelArguments arguments, int grid, int block, int sharedBytes) {}

  /** Loads the kernel and fills the buffers that have an input; the others hold NaN. */
  OwnExecution(KernelLibrary library, OwnLaunch own, OwnRun.Request request, int threads) {
    contract = library.all().getFirst().contract();
    storage = request.storage();
    this.own = own;
    driver = new PtxDriver(CheckLevel.ALL, Execution.counted(threads, counter));
    driver.allowWarnings();
    try {
      WatchedDriver watched = new WatchedDriver(driver);
      watched.watcher(
          (kernel, grid, block, sharedBytes, arguments) ->
              launched = new Launched(arguments.copy(), grid, block, sharedBytes));
      launch = new KernelLauncher(watched, library).kernel(contract.entry()).on(storage);
      for (Buffer buffer : contract.buffers()) {
        tensors.put(buffer, tensor(buffer, request.inputs().get(buffer.name())));
      }
    } catch (RuntimeException e) {
      driver.close();
      throw e;
    }
  }

  /**
   * @param input null where there is none
   */
  private Tensor tensor(Buffer buffer, NpyArray input) {
    DType dtype = buffer.dtype(storage);
    int[] sizes = own.shape(buffer.name()).stream().mapToInt(Long::intValue).toArray();
    int elements = (int) Shape.of(sizes).size();
    // Messages have the elements of what a tensor cannot be.
    Shape shape = sizes.length == 1 || sizes.length == 2 ? Shape.of(sizes) : Shape.of(elements);
    long address = driver.allocate((long) Math.max(1, elements) * dtype.bytes());
    Tensor tensor = Tensor.at(address, buffer.name(), dtype, shape);
    if (input != null) {
      driver.upload(address, MemorySegment.ofBuffer(input.values()), tensor.bytes());
    }
    return tensor;
  }

  /**
   * Launches, unless the grid is empty.
   *
   * @throws PtxException as what the checks have found, or for another reason
   */
  void launch() {
    tensors.values().forEach(launch::with);
    for (Number scalar : own.scalars().values()) {
      if (scalar instanceof Float value) {
        launch.with(value.floatValue());
      } else {
        launch.with(scalar.longValue());
      }
    }
    launch.launch();
  }

  /**
   * What the buffers hold that are written.
   *
   * @throws PtxException if nothing has written some of it
   */
  SequencedMap<String, NpyArray> outputs() {
    SequencedMap<String, NpyArray> outputs = new LinkedHashMap<>();
    tensors.forEach(
        (buffer, tensor) -> {
          if (buffer.access() != Access.IN) {
            outputs.put(buffer.name(), array(buffer, tensor));
          }
        });
    return outputs;
  }

  private NpyArray array(Buffer buffer, Tensor tensor) {
    byte[] values = new byte[(int) tensor.bytes()];
    driver.download(MemorySegment.ofArray(values), tensor.address(), tensor.bytes());
    return new NpyArray(
        buffer.name(),
        OwnLaunch.types(buffer, storage).getFirst(),
        own.shape(buffer.name()),
        ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** What the launch cost; empty where the grid was empty. */
  Optional<CountedLaunch> counted() {
    return Optional.ofNullable(launched)
        .map(
            one ->
                CountedLaunch.of(
                    one.arguments, one.grid, one.block, one.sharedBytes, counter.counts()));
  }

  /** What the checks have found wrong so far, a line each. */
  List<String> findings() {
    if (launched == null && !driver.findings().isEmpty()) {
      return List.of("by its header the grid is empty here, and what it writes is not");
    }
    return driver.findings().lines(check -> !check.isWarning());
  }

  /** What they have found so far that is allowed and mostly a mistake, a line each. */
  List<String> warnings() {
    return driver.findings().lines(Check::isWarning);
  }

  @Override
  public void close() {
    driver.close();
  }
}
