package org.mirror4j.device.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.mirror4j.device.ptx.memory.Binding;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.LaunchMemory;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.device.ptx.syntax.Dim3;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.Parameter;
import org.mirror4j.device.ptx.syntax.StateSpace;

/** Launches entries on a global memory, one launch at a time. */
public final class Interpreter {
  private static final int MOST_THREADS = 1024;

  /** What BERT-base takes in a batch of half a million texts; the order of blocks is an array. */
  private static final int MOST_CTAS = 1 << 24;

  private final GlobalMemory memory;
  private long instructions;

  /**
   * An interpreter of kernels on a memory.
   *
   * @param memory whose checks and findings it uses
   */
  public Interpreter(GlobalMemory memory) {
    this.memory = memory;
  }

  /**
   * Runs all CTAs of a grid to their end. What the checks find goes to the findings of the memory.
   *
   * @param grid CTAs, each extent at least 1
   * @param block threads of a CTA, as the entry's bounds demand
   * @param dynamicSharedBytes size of the {@code .extern .shared} array
   * @param arguments one for each parameter, in order
   * @return the memory as this launch used it, for the check that every output was written; buffers
   *     are bound from 1 in the order of the arguments
   * @throws PtxException if arguments or extents do not fit the entry, or a finding ends the launch
   */
  public LaunchMemory launch(
      PtxProgram program,
      Dim3 grid,
      Dim3 block,
      int dynamicSharedBytes,
      List<KernelArgument> arguments,
      LaunchOptions options) {
    EntrySyntax entry = program.syntax();
    requireExtents(entry, grid, block, dynamicSharedBytes);
    byte[] parameters = new byte[entry.parameterBytes()];
    int[] bindings = new int[entry.parameters().size()];
    List<Binding> bound = new ArrayList<>();
    pack(entry, arguments, parameters, bindings, bound);
    int staticBytes = entry.staticSharedBytes();
    int sharedBytes =
        entry.dynamicSharedOffset() < 0
            ? staticBytes
            : entry.dynamicSharedOffset() + dynamicSharedBytes;
    LaunchMemory access =
        memory.beginLaunch(
            bound, (int) grid.count(), program.granuleBytes(StateSpace.GLOBAL), options.threads());
    LaunchShape shape = new LaunchShape(grid, block, sharedBytes, dynamicSharedBytes);
    AtomicLong left = new AtomicLong(options.instructionsPerLaunch());
    try {
      run(new Launch(program, shape, memory, access, parameters, bindings, options, left));
    } finally {
      instructions += options.instructionsPerLaunch() - left.get();
    }
    return access;
  }

  /** Instructions of warps in all launches so far. */
  long instructions() {
    return instructions;
  }

  private static void run(Launch launch) {
    LaunchOptions options = launch.options();
    int ctas = (int) launch.shape().grid().count();
    int[] order = options.order().of(ctas, options.seed());
    int threads = Math.min(options.threads(), ctas);
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Runnable work =
        () -> {
          try {
            Worker worker =
                new Worker(launch, options.listener() == null ? null : options.listener().get());
            for (int i = next.getAndIncrement(); i < ctas; i = next.getAndIncrement()) {
              if (failure.get() != null) {
                return;
              }
              worker.run(order[i]);
            }
          } catch (RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
          }
        };
    List<Thread> others = new ArrayList<>();
    for (int i = 1; i < threads; i++) {
      others.add(Thread.ofPlatform().daemon().start(work));
    }
    work.run();
    others.forEach(Interpreter::join);
    switch (failure.get()) {
      case RuntimeException thrown -> throw thrown;
      case Error thrown -> throw thrown;
      case null, default -> {}
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new PtxException("launch was interrupted");
    }
  }

  private static void requireExtents(
      EntrySyntax entry, Dim3 grid, Dim3 block, int dynamicSharedBytes) {
    require(entry, grid.x() > 0 && grid.y() > 0 && grid.z() > 0, "grid is " + grid);
    require(
        entry,
        grid.count() <= MOST_CTAS,
        "grid is %s, at most %d blocks are interpreted".formatted(grid, MOST_CTAS));
    boolean some = block.x() > 0 && block.y() > 0 && block.z() > 0;
    require(
        entry,
        some && block.count() <= MOST_THREADS,
        "block is %s, expected 1 to %d threads".formatted(block, MOST_THREADS));
    Dim3 required = entry.required();
    require(
        entry,
        required == null || required.equals(block),
        "block is %s, expected %s (.reqntid)".formatted(block, required));
    Dim3 maximum = entry.maximum();
    require(
        entry,
        maximum == null || block.count() <= maximum.count(),
        "block is %s, expected at most %s (.maxntid)".formatted(block, maximum));
    require(
        entry,
        dynamicSharedBytes == 0 || entry.dynamicSharedOffset() >= 0 && dynamicSharedBytes > 0,
        dynamicSharedBytes + " bytes of dynamic shared memory, but no .extern .shared array");
  }

  private static void pack(
      EntrySyntax entry,
      List<KernelArgument> arguments,
      byte[] parameters,
      int[] bindings,
      List<Binding> bound) {
    int count = entry.parameters().size();
    require(
        entry,
        arguments.size() == count,
        "%d arguments, expected %d".formatted(arguments.size(), count));
    for (int i = 0; i < count; i++) {
      Parameter parameter = entry.parameters().get(i);
      long bits =
          switch (arguments.get(i)) {
            case KernelArgument.Buffer(Slice slice) -> {
              requireType(entry, parameter, 64, false, "a buffer");
              require(
                  entry,
                  slice.address() % parameter.pointerAlign() == 0,
                  "parameter '%s': %s is not aligned to %d bytes"
                      .formatted(parameter.name(), slice, parameter.pointerAlign()));
              bound.add(new Binding(parameter.name(), slice));
              bindings[i] = bound.size();
              yield slice.address();
            }
            case KernelArgument.Word(int value) -> {
              requireType(entry, parameter, 32, false, "a word");
              yield value;
            }
            case KernelArgument.Real(float value) -> {
              requireType(entry, parameter, 32, true, "a float");
              yield Float.floatToRawIntBits(value);
            }
            case KernelArgument.DoubleWord(long value) -> {
              requireType(entry, parameter, 64, false, "a double word");
              require(
                  entry,
                  !parameter.isPointer() || value == 0,
                  "parameter '%s' is a pointer, expected a buffer or 0"
                      .formatted(parameter.name()));
              yield value;
            }
          };
      LittleEndian.put(parameters, parameter.offset(), parameter.type().bytes(), bits);
    }
  }

  private static void requireType(
      EntrySyntax entry, Parameter parameter, int bits, boolean real, String found) {
    require(
        entry,
        parameter.type().bits() == bits && parameter.type().isFloat() == real,
        "parameter '%s' is %s, not %s".formatted(parameter.name(), parameter.type(), found));
  }

  private static void require(EntrySyntax entry, boolean holds, String message) {
    if (!holds) {
      throw new PtxException("%s: launch of %s: %s".formatted(entry.file(), entry.name(), message));
    }
  }
}
