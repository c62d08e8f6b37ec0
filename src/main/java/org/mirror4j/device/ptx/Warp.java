package org.mirror4j.device.ptx;

import java.util.Arrays;
import org.mirror4j.device.ptx.memory.LocalMemory;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.syntax.Dim3;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.Register;
import org.mirror4j.device.ptx.syntax.Register.Width;

/**
 * Registers of 32 lanes and the execution of single instructions on them. One file a width holds
 * registers of every type of that width, as bits; lane {@code i} of a register is at its place plus
 * {@code i}. Masks have one bit a lane.
 */
final class Warp {
  static final int LANES = 32;
  static final int FULL = -1;

  /** A NaN in every float type. */
  private static final int UNDEFINED = 0x7FFA7FFA;

  final int[] words;
  final long[] wides;
  final short[] halves;
  final int[] predicates;

  /** Where the address in each 64-bit register comes from: a parameter's binding, 0 if unknown. */
  final int[] bindings;

  /** Places of registers that nothing reads, for results of which some lanes are taken. */
  final int wordSink;

  final int wideSink;

  /** Lanes of each register, by serial number, that hold a value. */
  final int[] defined;

  /** Addresses of the access at hand. */
  final long[] addresses = new long[LANES];

  /** Origins of these addresses. */
  final int[] origins = new int[LANES];

  /** Values of a shuffle between reading and writing. */
  final int[] sources = new int[LANES];

  /** Values of an approximate instruction between reading and writing. */
  final float[] floats = new float[LANES];

  final Worker worker;
  final int number;
  final LocalMemory local;

  /** What the program's straight runs are as methods; null where the reference executes all. */
  final CompiledProgram compiled;

  /** The program's instructions. */
  final Step[] code;

  /** Those that are accesses to words, by index; null for the others. */
  final WordAccess[] accesses;

  private final PtxProgram program;

  /** Ends of the declared registers in their files; constants and special ones are behind. */
  private final int declaredWords;

  private final int declaredWides;
  private final int declaredHalves;
  private final int[] savedWords = new int[LANES * 8];
  private final long[] savedWides = new long[LANES * 8];
  private final int[] savedBindings = new int[LANES * 8];
  private final short[] savedHalves = new short[LANES * 8];

  /** What lanes copy into shared memory; null before the first copy. */
  private PendingCopies copies;

  /** Lanes that have not left, and lanes that were there at the start. */
  int live;

  int initial;

  /** Instructions it may still execute. */
  long budget;

  /** The instruction being executed. */
  Step step;

  Warp(Worker worker, PtxProgram program, int number, LocalMemory local) {
    this.worker = worker;
    boolean compiles = worker.launch().options().engine() == PtxEngine.COMPILED;
    this.compiled = compiles ? program.compiled() : null;
    this.code = program.code();
    this.accesses = program.accesses();
    this.program = program;
    this.number = number;
    this.local = local;
    RegisterFiles files = program.files();
    words = new int[files.count(Width.B32) * LANES];
    wides = new long[files.count(Width.B64) * LANES];
    bindings = new int[wides.length];
    halves = new short[files.count(Width.B16) * LANES];
    predicates = new int[files.count(Width.PREDICATE)];
    defined = new int[program.syntax().registers().size()];
    wordSink = files.sink(Width.B32);
    wideSink = files.sink(Width.B64);
    declaredWords = program.syntax().count(Width.B32) * LANES;
    declaredWides = program.syntax().count(Width.B64) * LANES;
    declaredHalves = program.syntax().count(Width.B16) * LANES;
    fillConstants(files);
  }

  private void fillConstants(RegisterFiles files) {
    for (RegisterFiles.Constant constant : files.constants(Width.B32)) {
      Arrays.fill(words, constant.place(), constant.place() + LANES, (int) constant.bits());
    }
    for (RegisterFiles.Constant constant : files.constants(Width.B64)) {
      Arrays.fill(wides, constant.place(), constant.place() + LANES, constant.bits());
    }
    for (RegisterFiles.Constant constant : files.constants(Width.B16)) {
      Arrays.fill(halves, constant.place(), constant.place() + LANES, (short) constant.bits());
    }
  }

  /** Makes this the warp of another CTA: nothing defined, all its threads alive. */
  void begin(LaunchShape shape, int ctaX, int ctaY, int ctaZ) {
    Arrays.fill(defined, 0);
    // What is read before it is written is reported, and at least the same in every run.
    Arrays.fill(words, 0, declaredWords, UNDEFINED);
    Arrays.fill(wides, 0, declaredWides, (long) UNDEFINED << 32 | UNDEFINED);
    Arrays.fill(bindings, 0);
    Arrays.fill(halves, 0, declaredHalves, (short) UNDEFINED);
    Arrays.fill(predicates, 0);
    long threads = shape.block().count() - (long) number * LANES;
    initial = threads >= LANES ? FULL : (1 << (int) threads) - 1;
    live = initial;
    for (RegisterFiles.Special special : program.files().specials()) {
      for (int lane = 0; lane < LANES; lane++) {
        words[special.place() + lane] = special(special, shape, ctaX, ctaY, ctaZ, lane);
      }
    }
  }

  private int special(
      RegisterFiles.Special special, LaunchShape shape, int ctaX, int ctaY, int ctaZ, int lane) {
    Dim3 block = shape.block();
    int thread = number * LANES + lane;
    return switch (special.register()) {
      case TID_X -> thread % block.x();
      case TID_Y -> thread / block.x() % block.y();
      case TID_Z -> thread / (block.x() * block.y());
      case NTID_X -> block.x();
      case NTID_Y -> block.y();
      case NTID_Z -> block.z();
      case CTAID_X -> ctaX;
      case CTAID_Y -> ctaY;
      case CTAID_Z -> ctaZ;
      case NCTAID_X -> shape.grid().x();
      case NCTAID_Y -> shape.grid().y();
      case NCTAID_Z -> shape.grid().z();
      case LANEID -> lane;
      case WARPID -> number;
      case NWARPID -> shape.warps();
      case LANEMASK_EQ -> 1 << lane;
      case LANEMASK_LT -> (1 << lane) - 1;
      case LANEMASK_LE -> (2 << lane) - 1;
      case LANEMASK_GT -> -(2 << lane);
      case LANEMASK_GE -> -(1 << lane);
      case TOTAL_SMEM_SIZE -> shape.sharedBytes();
      case DYNAMIC_SMEM_SIZE -> shape.dynamicSharedBytes();
    };
  }

  /** What its lanes copy into shared memory. */
  PendingCopies copies() {
    if (copies == null) {
      copies = new PendingCopies();
    }
    return copies;
  }

  /** All its lanes have left. */
  void end() {
    if (copies != null) {
      AsyncCopies.requireNone(this);
      copies.clear();
    }
  }

  /** Those of some lanes for which the guard of an instruction is true. */
  int executing(Step next, int mask) {
    step = next;
    if (--budget < 0) {
      worker.report(Check.BUDGET, this, mask, worker::budgetSpent);
    }
    if (next.guard < 0) {
      return mask;
    }
    int missing = mask & ~defined[next.instruction.guard().register().serial()];
    if (missing != 0) {
      reportUndefined(next.instruction.guard().register(), missing);
    }
    int truth = predicates[next.guard];
    return mask & (next.guardNegated ? ~truth : truth);
  }

  /** Executes an instruction that has an operation, for lanes whose guard is true. */
  void execute(Step next, int mask) {
    for (int register : next.reads) {
      if ((mask & ~defined[register]) != 0) {
        reportUndefined(program.syntax().registers().get(register), mask & ~defined[register]);
      }
    }
    operate(next, mask);
    for (int register : next.writes) {
      defined[register] |= mask;
    }
  }

  /** Executes an instruction whose registers were looked at, and will be marked, elsewhere. */
  void operate(Step next, int mask) {
    step = next;
    if (mask == FULL || next.kind != Step.Kind.LANES) {
      next.operation.execute(this, mask);
    } else {
      executePartly(next, mask);
    }
  }

  /** Reports those of some lanes in which an instruction reads a register without a value. */
  void undefined(Step next, int mask, int serial) {
    step = next;
    reportUndefined(program.syntax().registers().get(serial), mask & ~defined[serial]);
  }

  /** Counts an instruction with a guard. */
  void tell(Step next, int active, int executing) {
    ExecutionListener listener = worker.listener();
    if (listener != null) {
      listener.executed(next.instruction, active, executing);
    }
  }

  /** Computes all lanes, then puts back those that do not execute. */
  private void executePartly(Step next, int mask) {
    int saved = 0;
    for (int place : next.wordWrites) {
      System.arraycopy(words, place, savedWords, saved, LANES);
      saved += LANES;
    }
    saved = 0;
    for (int place : next.wideWrites) {
      System.arraycopy(wides, place, savedWides, saved, LANES);
      System.arraycopy(bindings, place, savedBindings, saved, LANES);
      saved += LANES;
    }
    saved = 0;
    for (int place : next.halfWrites) {
      System.arraycopy(halves, place, savedHalves, saved, LANES);
      saved += LANES;
    }
    next.operation.execute(this, mask);
    if (Integer.bitCount(mask) > LANES / 2) {
      for (int rest = ~mask; rest != 0; rest &= rest - 1) {
        restore(next, Integer.numberOfTrailingZeros(rest));
      }
    } else {
      // Few lanes: their results go into what was saved, and all of that back.
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        save(next, Integer.numberOfTrailingZeros(rest));
      }
      restore(next);
    }
  }

  private void save(Step next, int lane) {
    int saved = lane;
    for (int place : next.wordWrites) {
      savedWords[saved] = words[place + lane];
      saved += LANES;
    }
    saved = lane;
    for (int place : next.wideWrites) {
      savedWides[saved] = wides[place + lane];
      savedBindings[saved] = bindings[place + lane];
      saved += LANES;
    }
    saved = lane;
    for (int place : next.halfWrites) {
      savedHalves[saved] = halves[place + lane];
      saved += LANES;
    }
  }

  private void restore(Step next) {
    int saved = 0;
    for (int place : next.wordWrites) {
      System.arraycopy(savedWords, saved, words, place, LANES);
      saved += LANES;
    }
    saved = 0;
    for (int place : next.wideWrites) {
      System.arraycopy(savedWides, saved, wides, place, LANES);
      System.arraycopy(savedBindings, saved, bindings, place, LANES);
      saved += LANES;
    }
    saved = 0;
    for (int place : next.halfWrites) {
      System.arraycopy(savedHalves, saved, halves, place, LANES);
      saved += LANES;
    }
  }

  private void restore(Step next, int lane) {
    int saved = lane;
    for (int place : next.wordWrites) {
      words[place + lane] = savedWords[saved];
      saved += LANES;
    }
    saved = lane;
    for (int place : next.wideWrites) {
      wides[place + lane] = savedWides[saved];
      bindings[place + lane] = savedBindings[saved];
      saved += LANES;
    }
    saved = lane;
    for (int place : next.halfWrites) {
      halves[place + lane] = savedHalves[saved];
      saved += LANES;
    }
  }

  private void reportUndefined(Register register, int lanes) {
    worker.report(
        Check.UNINITIALISED,
        this,
        lanes,
        () -> "register %s is read before it is written".formatted(register.name()));
  }

  /** The instruction being executed, for reports. */
  Instruction instruction() {
    return step.instruction;
  }
}
