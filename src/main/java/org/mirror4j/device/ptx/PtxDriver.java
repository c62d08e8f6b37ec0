package org.mirror4j.device.ptx;

import java.lang.foreign.MemorySegment;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.MatrixProducts;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelContract.Access;
import org.mirror4j.device.launch.source.KernelContract.Alias;
import org.mirror4j.device.launch.source.KernelContract.Buffer;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.LaunchMemory;
import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.memory.Slice;
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

  /** All kernels of a build in all storage types. */
  private static final int MOST_PROGRAMS = 256;

  /** What a program is made of. */
  private record Text(KernelSource source, DType storage) {}

  /**
   * Programs of all drivers, the latest ones while there is memory: many drivers load the same
   * kernels, and the methods of a compiled program become fast by being executed.
   */
  private static final Map<Text, SoftReference<PtxProgram>> PROGRAMS =
      Collections.synchronizedMap(
          new LinkedHashMap<>(MOST_PROGRAMS, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Text, SoftReference<PtxProgram>> eldest) {
              return size() > MOST_PROGRAMS;
            }
          });

  /** A kernel that was parsed. */
  private record Loaded(KernelSource source, DType storage, PtxProgram program) implements Kernel {}

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
    return new Loaded(source, storage, program(new Text(source, storage)));
  }

  private static PtxProgram program(Text text) {
    SoftReference<PtxProgram> kept = PROGRAMS.get(text);
    PtxProgram program = kept == null ? null : kept.get();
    if (program == null) {
      KernelSource source = text.source();
      PtxModule module = PtxModule.parse(source.file(), source.ptx(text.storage()));
      program = module.program(source.contract().entry(text.storage()));
      requireParameters(source, program);
      PROGRAMS.put(text, new SoftReference<>(program));
    }
    return program;
  }

  /** The header and the entry name the same parameters in the same order. */
  private static void requireParameters(KernelSource source, PtxProgram program) {
    List<String> promised = new ArrayList<>();
    source.contract().buffers().forEach(buffer -> promised.add(buffer.name()));
    source.contract().scalars().forEach(scalar -> promised.add(scalar.name()));
    List<String> found = program.syntax().parameters().stream().map(p -> p.name()).toList();
    if (!found.equals(promised)) {
      throw KernelException.at(
          source.file(),
          1,
          "the entry has the parameters %s, the header says %s".formatted(found, promised));
    }
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
    KernelContract contract = loaded.source().contract();
    List<KernelArgument> arguments = new ArrayList<>();
    List<Slice> slices = new ArrayList<>();
    for (int i = 0; i < given.count(); i++) {
      if (i < contract.buffers().size()) {
        slices.add(slice(loaded, i, given));
        arguments.add(KernelArgument.of(slices.getLast()));
      } else {
        arguments.add(scalar(contract.scalars().get(i - contract.buffers().size()), given.bits(i)));
      }
    }
    requireApart(loaded, slices);
    LaunchMemory used =
        interpreter.launch(
            loaded.program(),
            new Dim3(grid, 1, 1),
            new Dim3(block, 1, 1),
            sharedBytes,
            arguments,
            options);
    for (int i = 0; i < contract.buffers().size(); i++) {
      if (contract.buffers().get(i).access() == Access.OUT) {
        used.requireAllWritten(i + 1, loaded.source().file());
      }
    }
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

  /** What the header says the kernel touches of a buffer, which may be larger. */
  private Slice slice(Loaded loaded, int index, KernelArguments arguments) {
    Buffer buffer = loaded.source().contract().buffers().get(index);
    Tensor tensor = arguments.tensor(index);
    long elements = elements(loaded.source(), buffer, arguments.values());
    if (elements < 0 || tensor.size() < elements) {
      throw new PtxException(
          "%s: %s is %s, the header says %d elements"
              .formatted(loaded.source().file(), buffer.name(), tensor, elements));
    }
    Slice slice =
        memory.slice(
            tensor.name(),
            tensor.address(),
            elements * tensor.dtype().bytes(),
            tensor.dtype().label(),
            tensor.dtype().bytes(),
            tensor.shape().toString());
    return buffer.access() == Access.IN ? slice.readOnly() : slice;
  }

  private static long elements(KernelSource source, Buffer buffer, long[] values) {
    try {
      return buffer.elements(values);
    } catch (ArithmeticException e) {
      throw new KernelException(
          "%s: buffer %s has a number of elements of more than 64 bits"
              .formatted(source.file(), buffer.name()));
    }
  }

  private static KernelArgument scalar(KernelContract.Scalar scalar, long bits) {
    return switch (scalar.type()) {
      case U32, S32 -> KernelArgument.of((int) bits);
      case F32 -> KernelArgument.of(Float.intBitsToFloat((int) bits));
      case U64 -> KernelArgument.of(bits);
    };
  }

  private static void requireApart(Loaded loaded, List<Slice> slices) {
    KernelContract contract = loaded.source().contract();
    List<Buffer> buffers = contract.buffers();
    for (int i = 0; i < buffers.size(); i++) {
      for (int j = i + 1; j < buffers.size(); j++) {
        Slice a = slices.get(i);
        Slice b = slices.get(j);
        boolean overlap =
            a.address() < b.address() + b.bytes() && b.address() < a.address() + a.bytes();
        boolean written = a.writable() || b.writable();
        Alias pair = new Alias(buffers.get(i).name(), buffers.get(j).name());
        Alias turned = new Alias(pair.second(), pair.first());
        boolean allowed =
            a.address() == b.address()
                && (contract.aliases().contains(pair) || contract.aliases().contains(turned));
        if (overlap && written && !allowed) {
          throw new PtxException(
              "%s: %s and %s overlap, which the header does not allow"
                  .formatted(loaded.source().file(), pair.first(), pair.second()));
        }
      }
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
