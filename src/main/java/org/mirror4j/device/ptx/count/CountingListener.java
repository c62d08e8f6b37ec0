package org.mirror4j.device.ptx.count;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.mirror4j.device.ptx.ExecutionListener;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.StateSpace;

/** Counts what one thread's warps do. */
final class CountingListener implements ExecutionListener {
  static final int COUNTERS = Counter.values().length;

  private static final int LANES = 32;

  private final ByteSet read = new ByteSet();
  private final ByteSet written = new ByteSet();

  /** By index of the instruction; null where nothing was executed. */
  private Instruction[] instructions = new Instruction[64];

  private Counter[] classes = new Counter[64];
  private long[] tensorOperations = new long[64];
  private boolean[] barriers = new boolean[64];
  private RequestShape[] shapes = new RequestShape[64];
  private long[][] counts = new long[64][];

  /** What was executed together, by the index of its first instruction; null where nothing was. */
  private Together[] together = new Together[64];

  /** Instructions that are always executed together. */
  private static final class Together {
    private final List<Instruction> instructions;
    private long times;
    private long lanes;

    Together(List<Instruction> instructions) {
      this.instructions = instructions;
    }
  }

  @Override
  public void executed(Instruction instruction, int active, int executing) {
    long[] of = counts(instruction);
    of[Counter.WARP_INSTRUCTIONS.ordinal()]++;
    of[Counter.THREAD_INSTRUCTIONS.ordinal()] += Integer.bitCount(active);
    of[Counter.PREDICATED_ON_THREAD_INSTRUCTIONS.ordinal()] += Integer.bitCount(executing);
    of[classes[instruction.index()].ordinal()]++;
    if (executing != 0) {
      of[Counter.TENSOR_OPERATIONS.ordinal()] += tensorOperations[instruction.index()];
    }
    if (executing != 0 && barriers[instruction.index()]) {
      of[Counter.BARRIERS.ordinal()]++;
    }
  }

  @Override
  public void executed(List<Instruction> instructions, int active) {
    if (instructions.isEmpty()) {
      return;
    }
    int first = instructions.getFirst().index();
    if (first >= together.length) {
      together = Arrays.copyOf(together, Math.max(first + 1, 2 * together.length));
    }
    if (together[first] == null) {
      together[first] = new Together(instructions);
    }
    together[first].times++;
    together[first].lanes += Integer.bitCount(active);
  }

  private static boolean isBarrier(Instruction instruction) {
    String opcode = instruction.opcode();
    return (opcode.equals("bar") || opcode.equals("barrier"))
        && !instruction.modifiers().contains("warp");
  }

  @Override
  public void diverged(Instruction instruction, int taken, int notTaken) {
    counts(instruction)[Counter.DIVERGENT_BRANCHES.ordinal()]++;
  }

  @Override
  public void accessed(
      Instruction instruction, StateSpace space, int executing, long[] addresses, int bytes) {
    long[] of = counts(instruction);
    RequestShape shape = shape(instruction);
    String opcode = instruction.opcode();
    boolean atomic = opcode.equals("atom") || opcode.equals("red");
    // A copy is two accesses, which loads from global memory and stores into shared memory.
    boolean loads = !atomic && !opcode.equals("st");
    if (atomic) {
      shape.atomic(executing, addresses);
      of[Counter.ATOMICS.ordinal()]++;
      of[Counter.ATOMIC_COLLISIONS.ordinal()] +=
          Integer.bitCount(executing) - shape.distinctAddresses();
    }
    if (space == StateSpace.SHARED) {
      shape.shared(executing, addresses, bytes);
      of[Counter.SHARED_REQUESTS.ordinal()]++;
      of[Counter.SHARED_WAVEFRONTS.ordinal()] += shape.wavefronts();
      of[Counter.SHARED_EXCESS_WAVEFRONTS.ordinal()] +=
          shape.wavefronts() - shape.idealWavefronts();
    } else if (space == StateSpace.GLOBAL) {
      shape.global(executing, addresses, bytes);
      if (loads || atomic) {
        touch(read, shape, executing, addresses, bytes);
      }
      if (!loads) {
        touch(written, shape, executing, addresses, bytes);
      }
      if (loads) {
        addLoad(of, shape);
      } else {
        of[Counter.GLOBAL_STORE_REQUESTS.ordinal()]++;
        of[Counter.GLOBAL_STORE_SECTORS.ordinal()] += shape.sectors();
        of[Counter.GLOBAL_STORE_IDEAL_SECTORS.ordinal()] += shape.idealSectors();
      }
    }
  }

  @Override
  public void readInPart(
      Instruction instruction, int reading, long[] addresses, int bytes, int[] sizes) {
    long[] of = counts(instruction);
    RequestShape shape = shape(instruction);
    // A part lies in the sector of its whole, as that is aligned to its size.
    shape.global(reading, addresses, bytes);
    addLoad(of, shape);
    for (int rest = reading; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      read.add(addresses[lane], sizes[lane]);
    }
  }

  private static void addLoad(long[] of, RequestShape shape) {
    of[Counter.GLOBAL_LOAD_REQUESTS.ordinal()]++;
    of[Counter.GLOBAL_LOAD_SECTORS.ordinal()] += shape.sectors();
    of[Counter.GLOBAL_LOAD_IDEAL_SECTORS.ordinal()] += shape.idealSectors();
  }

  private RequestShape shape(Instruction instruction) {
    int index = instruction.index();
    if (shapes[index] == null) {
      shapes[index] = new RequestShape();
    }
    return shapes[index];
  }

  private void spread(Together of) {
    for (Instruction instruction : of.instructions) {
      long[] count = counts(instruction);
      count[Counter.WARP_INSTRUCTIONS.ordinal()] += of.times;
      count[Counter.THREAD_INSTRUCTIONS.ordinal()] += of.lanes;
      count[Counter.PREDICATED_ON_THREAD_INSTRUCTIONS.ordinal()] += of.lanes;
      count[classes[instruction.index()].ordinal()] += of.times;
    }
    of.times = 0;
    of.lanes = 0;
  }

  /** Adds what lanes touch; bytes of neighbours that follow each other go together. */
  private static void touch(
      ByteSet set, RequestShape shape, int mask, long[] addresses, int bytes) {
    int breaks = shape.breaks();
    int ends = breaks | ~mask;
    for (int rest = mask & (breaks | ~(mask << 1)); rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int end = Integer.numberOfTrailingZeros(ends & -2 << lane);
      boolean again = end == lane + 1 && end < LANES && addresses[end] == addresses[lane];
      if (!again || (mask >>> end & 1) == 0) {
        set.add(addresses[lane], (end - lane) * bytes);
      }
    }
  }

  private long[] counts(Instruction instruction) {
    int index = instruction.index();
    if (index >= counts.length) {
      int length = Math.max(index + 1, 2 * counts.length);
      instructions = Arrays.copyOf(instructions, length);
      classes = Arrays.copyOf(classes, length);
      tensorOperations = Arrays.copyOf(tensorOperations, length);
      barriers = Arrays.copyOf(barriers, length);
      shapes = Arrays.copyOf(shapes, length);
      counts = Arrays.copyOf(counts, length);
    }
    if (counts[index] == null) {
      instructions[index] = instruction;
      classes[index] = InstructionClass.of(instruction).counter();
      tensorOperations[index] = InstructionClass.tensorOperations(instruction);
      barriers[index] = isBarrier(instruction);
      counts[index] = new long[COUNTERS];
    }
    return counts[index];
  }

  /** Adds this thread's counts to those of a whole launch. */
  void addTo(LaunchTotals totals) {
    Arrays.stream(together).filter(Objects::nonNull).forEach(this::spread);
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != null) {
        totals.add(instructions[i].line(), counts[i]);
      }
    }
    totals.add(read, written);
  }
}
