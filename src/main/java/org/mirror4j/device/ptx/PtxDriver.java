package org.mirror4j.device.ptx;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.MatrixProducts;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.LaunchMemory;
import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Finding;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.device.ptx.syntax.Dim3;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * A driver without a card: memory of the process, kernels on the interpreter. Every launch is held
 * to the contract of the kernel's header: buffers have the stated sizes, nothing overlaps that may
 * not, what is only read is not written, outputs are written whole. The first launch, product or
 * copy with a finding ends in a {@link PtxException}; {@link #findings} has them all.
 */
public final class PtxDriver implements Driver {
  private final GlobalMemory memory;
  private final Interpreter interpreter;
  private final HostProducts products;
  private LaunchOptions options;

  /** Whether a warning ends work as what is wrong does. */
  private boolean strict = true;

  /** What is being recorded; null when work is executed at once. */
  private List<Runnable> recorded;

  /** A kernel that was parsed. */
  private record Loaded(KernelSource source, PtxProgram program) implements Kernel {}

  /**
   * A driver whose memory is empty.
   *
   * @param options how kernels are executed; {@link #options(LaunchOptions)} changes it
   */
  public PtxDriver(CheckLevel level, LaunchOptions options) {
    memory = new GlobalMemory(level, new Findings());
    interpreter = new Interpreter(memory);
    products = new HostProducts(memory, options.threads());
    this.options = options;
  }

  /**
   * The device whose kernels the interpreter executes.
   *
   * @param threads of the processor that work on it; results do not depend on it
   */
  public static DriverDevice device(CheckLevel level, int threads, KernelLibrary library) {
    return new DriverDevice(
        "ptx", new PtxDriver(level, LaunchOptions.defaults().withThreads(threads)), library);
  }

  /** Sets how later launches are executed. */
  public void options(LaunchOptions options) {
    this.options = options;
  }

  /**
   * From now on what is only a {@link Check#isWarning warning} ends no work: for kernels of others,
   * which may do what the instruction set allows.
   */
  public void allowWarnings() {
    strict = false;
  }

  /** What the checks have found so far. */
  public Findings findings() {
    return memory.findings();
  }

  /** Instructions of warps that all launches so far took. */
  public long instructions() {
    return interpreter.instructions();
  }

  @Override
  public String description() {
    return "PTX interpreter, "
        + options.threads()
        + (options.threads() == 1 ? " thread" : " threads")
        + (memory.level() == CheckLevel.ALL ? ", all checks" : ", bounds checked");
  }

  @Override
  public Set<Precision> precisions() {
    return EnumSet.of(Precision.F32, Precision.TF32, Precision.F16, Precision.BF16);
  }

  @Override
  public long availableBytes() {
    return products.availableBytes();
  }

  @Override
  public long allocate(long bytes) {
    return memory.allocate("block", bytes).address();
  }

  /**
   * Takes a block out of use.
   *
   * @throws PtxException if a host library has written beside it
   */
  @Override
  public void free(long address) {
    requireNothingNew(() -> memory.free(address));
  }

  @Override
  public Kernel load(KernelSource source, DType storage) {
    return new Loaded(source, PtxPrograms.program(source, storage));
  }

  @Override
  public void launch(Kernel kernel, int grid, int block, int sharedBytes, KernelArguments given) {
    Loaded loaded = (Loaded) kernel;
    if (recorded == null) {
      execute(loaded, grid, block, sharedBytes, given);
    } else {
      KernelArguments kept = given.copy();
      recorded.add(() -> execute(loaded, grid, block, sharedBytes, kept));
    }
  }

  private void execute(Loaded loaded, int grid, int block, int sharedBytes, KernelArguments given) {
    LaunchOperands operands = LaunchOperands.of(memory, loaded.source(), given);
    operands.requireApart();
    LaunchMemory used =
        interpreter.launch(
            loaded.program(),
            new Dim3(grid, 1, 1),
            new Dim3(block, 1, 1),
            sharedBytes,
            operands.arguments(),
            options);
    operands.requireAllWritten(used);
    requireNoFindings();
  }

  private void requireNoFindings() {
    requireNone(wrong());
  }

  /** Does what gives memory back; what was found before has been told. */
  private void requireNothingNew(Runnable work) {
    List<Finding> before = wrong();
    work.run();
    List<Finding> found = new ArrayList<>(wrong());
    found.removeAll(before);
    requireNone(found);
  }

  private List<Finding> wrong() {
    return findings().list().stream()
        .filter(finding -> strict || !finding.check().isWarning())
        .toList();
  }

  private static void requireNone(List<Finding> found) {
    if (!found.isEmpty()) {
      throw new PtxException(
          found.getFirst()
              + (found.size() == 1 ? "" : " (and %d more)".formatted(found.size() - 1)));
    }
  }

  @Override
  public MatrixProducts matrixProducts() {
    return new MatrixProducts() {
      @Override
      public String description() {
        return products.description();
      }

      @Override
      public void multiply(
          GemmSpec spec, Factors factors, int batch, Tensor c, Tensor a, Tensor b) {
        if (recorded == null) {
          PtxDriver.this.multiply(spec, factors, batch, c, a, b);
        } else {
          Tensor keptC = c.copy();
          Tensor keptA = a.copy();
          Tensor keptB = b.copy();
          recorded.add(() -> PtxDriver.this.multiply(spec, factors, batch, keptC, keptA, keptB));
        }
      }

      @Override
      public void close() {
        // Closed with the driver.
      }
    };
  }

  private void multiply(GemmSpec spec, Factors factors, int batch, Tensor c, Tensor a, Tensor b) {
    products.multiply(spec, factors, batch, c, a, b);
    requireNoFindings();
  }

  private void requireNotRecording(String what) {
    if (recorded != null) {
      throw new IllegalStateException(what + " while launches are recorded");
    }
  }

  @Override
  public void upload(long to, MemorySegment from, long bytes) {
    requireNotRecording("upload");
    memory.upload(to, from.asSlice(0, bytes));
  }

  @Override
  public void prefetch(long to, MemorySegment from, long bytes) {
    upload(to, from, bytes);
  }

  @Override
  public void download(MemorySegment to, long from, long bytes) {
    requireNotRecording("download");
    memory.download(from, to.asSlice(0, bytes));
    requireNoFindings();
  }

  @Override
  public void copy(long to, long from, long bytes) {
    inOrder(
        () -> {
          memory.copy(to, from, bytes);
          requireNoFindings();
        });
  }

  @Override
  public void fill(long to, int word, long words) {
    inOrder(
        () -> {
          memory.fill(to, 4 * words, (byte) 0);
          for (long i = 0; word != 0 && i < words; i++) {
            NativeMemory.putWord(to + 4 * i, word);
          }
        });
  }

  private void inOrder(Runnable work) {
    if (recorded == null) {
      work.run();
    } else {
      recorded.add(work);
    }
  }

  @Override
  public void synchronize() {
    // A launch is done when its call returns.
  }

  @Override
  public Recording record(Runnable work) {
    requireNotRecording("record");
    List<Runnable> steps = new ArrayList<>();
    recorded = steps;
    try {
      work.run();
    } finally {
      recorded = null;
    }
    return new Recording() {
      @Override
      public void replay() {
        steps.forEach(Runnable::run);
      }

      @Override
      public void close() {
        steps.clear();
      }
    };
  }

  @Override
  public Event event() {
    return new HostEvent();
  }

  /** Time of the interpreter, which says nothing of a card's. */
  private static final class HostEvent implements Event {
    private long nanos;

    @Override
    public void record() {
      nanos = System.nanoTime();
    }

    @Override
    public double microsSince(Event start) {
      return (nanos - ((HostEvent) start).nanos) * 1e-3;
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }

  /**
   * Gives all memory back.
   *
   * @throws PtxException after that, if a host library has written beside a block
   */
  @Override
  public void close() {
    requireNothingNew(
        () -> {
          products.close();
          memory.close();
        });
  }
}
