package org.mirror4j.device.ptx;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.LaunchMemory;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.number.Approximation;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.syntax.Dim3;

/** A memory with buffers and an interpreter on it, for tests of kernels. */
final class KernelBench implements AutoCloseable {
  private static final String HEAD = ".version 7.0\n.target sm_75\n.address_size 64\n";

  final Findings findings = new Findings();
  final GlobalMemory memory;
  private final Interpreter interpreter;

  KernelBench() {
    this(CheckLevel.ALL);
  }

  KernelBench(CheckLevel level) {
    memory = new GlobalMemory(level, findings);
    interpreter = new Interpreter(memory);
  }

  /** A kernel from its entry alone; the three lines every file begins with are put before it. */
  static PtxProgram program(String entry) {
    return PtxModule.parse("test.ptx", HEAD + entry).programs().getFirst();
  }

  /** Line of the file that {@link #program} makes, from the line in the entry, from 1. */
  static int line(int line) {
    return line + 3;
  }

  /** Every schedule and order of CTAs. */
  static List<LaunchOptions> allOptions() {
    List<LaunchOptions> all = new ArrayList<>();
    for (Schedule schedule : Schedule.values()) {
      for (CtaOrder order : CtaOrder.values()) {
        for (PtxEngine engine : PtxEngine.values()) {
          all.add(options(schedule, order, 7, 1, null).withEngine(engine));
        }
      }
    }
    all.add(options(Schedule.LOCKSTEP, CtaOrder.FORWARD, 7, 3, null));
    return all;
  }

  static LaunchOptions options(
      Schedule schedule,
      CtaOrder order,
      long seed,
      int threads,
      Supplier<ExecutionListener> listener) {
    return new LaunchOptions(
        schedule,
        order,
        seed,
        Approximation.NOMINAL,
        PtxEngine.COMPILED,
        threads,
        1_000_000,
        4_000_000,
        listener);
  }

  Slice floats(String name, int count) {
    return buffer(name, count, "f32");
  }

  Slice floats(String name, float... values) {
    Slice slice = buffer(name, values.length, "f32");
    memory.upload(slice.address(), MemorySegment.ofArray(values));
    return slice;
  }

  Slice words(String name, int count) {
    return buffer(name, count, "u32");
  }

  Slice words(String name, int[] values) {
    Slice slice = buffer(name, values.length, "u32");
    memory.upload(slice.address(), MemorySegment.ofArray(values));
    return slice;
  }

  private Slice buffer(String name, int count, String element) {
    long address = memory.allocate(name, 4L * count).address();
    return memory.slice(name, address, 4L * count, element, 4, "[" + count + "]");
  }

  float[] floats(Slice slice) {
    float[] values = new float[(int) slice.elements()];
    memory.download(slice.address(), MemorySegment.ofArray(values));
    return values;
  }

  int[] words(Slice slice) {
    int[] values = new int[(int) slice.elements()];
    memory.download(slice.address(), MemorySegment.ofArray(values));
    return values;
  }

  LaunchMemory launch(
      PtxProgram program, int grid, int block, LaunchOptions options, Object... arguments) {
    return launch(program, grid, block, 0, options, arguments);
  }

  LaunchMemory launch(
      PtxProgram program,
      int grid,
      int block,
      int sharedBytes,
      LaunchOptions options,
      Object... arguments) {
    List<KernelArgument> list = new ArrayList<>();
    for (Object argument : arguments) {
      list.add(
          switch (argument) {
            case Slice slice -> KernelArgument.of(slice);
            case Integer value -> KernelArgument.of(value);
            case Float value -> KernelArgument.of(value);
            case Long value -> KernelArgument.of(value);
            default -> throw new IllegalArgumentException(argument.toString());
          });
    }
    return interpreter.launch(
        program, new Dim3(grid, 1, 1), new Dim3(block, 1, 1), sharedBytes, list, options);
  }

  /** Instructions of warps in all launches so far. */
  long instructions() {
    return interpreter.instructions();
  }

  @Override
  public void close() {
    memory.close();
  }
}
