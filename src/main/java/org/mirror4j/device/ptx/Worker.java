package org.mirror4j.device.ptx;

import java.util.Arrays;
import java.util.function.Supplier;
import org.mirror4j.device.ptx.lanes.LanePattern;
import org.mirror4j.device.ptx.memory.GlobalAccess;
import org.mirror4j.device.ptx.memory.LocalMemory;
import org.mirror4j.device.ptx.memory.SharedMemory;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.syntax.Dim3;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.StateSpace;

/** What a Java thread needs to run one CTA after the other: warps, shared memory, the checks. */
final class Worker {
  /** What an instruction moves while others clear registers. */
  private static final int BYTES_PER_INSTRUCTION = 1024;

  /** Bytes of a register in all lanes, as most are. */
  private static final long LANES_BYTES = (long) Warp.LANES * Integer.BYTES;

  private final Launch launch;
  private final Findings findings;
  private final SharedMemory shared;
  private final GlobalAccess global;
  private final ExecutionListener listener;
  private final Warp[] warps;
  private final WarpSchedule[] schedules;

  /** The barrier each warp waits at; null while it runs. */
  private final Step[] barriers;

  private final boolean[] done;

  /** By the index of the instruction, how its lanes' accesses lay the last time; null if never. */
  private final LanePattern[] patterns;

  /** What each warp may still execute in this CTA. */
  private final long[] instructionsLeft;

  /** What it takes to empty registers and memory for a CTA, in instructions of a warp. */
  private final long startCost;

  /** Of a product of matrices; null before the first. */
  private TensorOperations.Matrices matrices;

  private boolean isLaunchSpent;
  private int cta;

  Worker(Launch launch, ExecutionListener listener) {
    this.launch = launch;
    this.listener = listener;
    this.findings = launch.memory().findings();
    this.global = launch.access().access(this::registers);
    LaunchShape shape = launch.shape();
    this.shared =
        new SharedMemory(
            shape.sharedBytes(),
            launch.program().granuleBytes(StateSpace.SHARED),
            launch.memory().level(),
            findings,
            this::registers);
    this.warps = new Warp[shape.warps()];
    this.schedules = new WarpSchedule[warps.length];
    this.barriers = new Step[warps.length];
    this.done = new boolean[warps.length];
    for (int i = 0; i < warps.length; i++) {
      LocalMemory local =
          new LocalMemory(
              launch.program().syntax().localBytes(),
              launch.memory().level(),
              findings,
              this::registers);
      warps[i] = new Warp(this, launch.program(), i, local);
    }
    this.patterns = new LanePattern[launch.program().code().length];
    this.instructionsLeft = new long[warps.length];
    this.startCost = startCost();
  }

  ExecutionListener listener() {
    return listener;
  }

  /** How the lanes of an instruction lay the last time. */
  LanePattern pattern(int instruction) {
    if (patterns[instruction] == null) {
      patterns[instruction] = new LanePattern();
    }
    return patterns[instruction];
  }

  /** Where the matrices of a product are put together. */
  TensorOperations.Matrices matrices() {
    if (matrices == null) {
      matrices = new TensorOperations.Matrices();
    }
    return matrices;
  }

  SharedMemory shared() {
    return shared;
  }

  GlobalAccess global() {
    return global;
  }

  Launch launch() {
    return launch;
  }

  /** Runs one CTA from its first to its last instruction. */
  void run(int linear) {
    cta = linear;
    Dim3 grid = launch.shape().grid();
    int x = linear % grid.x();
    int y = linear / grid.x() % grid.y();
    int z = linear / (grid.x() * grid.y());
    // One lane at a time, a warp takes up to 32 times as many steps for the same work.
    boolean serial = launch.options().schedule() == Schedule.LANE_SERIAL;
    long budget = launch.options().instructionsPerWarp() * (serial ? Warp.LANES : 1);
    launch.instructionsLeft().addAndGet(-startCost);
    global.beginCta(linear);
    shared.beginCta(linear);
    Arrays.fill(instructionsLeft, budget);
    Arrays.fill(barriers, null);
    Arrays.fill(done, false);
    for (int i = 0; i < warps.length; i++) {
      warps[i].local.beginCta(linear);
      warps[i].begin(launch.shape(), x, y, z);
      schedules[i] = schedule(warps[i]);
      schedules[i].begin();
    }
    boolean running = true;
    while (running) {
      running = false;
      for (int i = 0; i < warps.length; i++) {
        if (!done[i]) {
          barriers[i] = runToBarrier(i);
          done[i] = barriers[i] == null;
          running |= !done[i];
        }
      }
      if (running) {
        releaseBarrier();
      }
    }
    for (Warp warp : warps) {
      warp.end();
    }
  }

  /** Runs a warp to its next barrier or its end. */
  private Step runToBarrier(int warp) {
    long launchLeft = launch.instructionsLeft().get();
    long allowed = Math.min(instructionsLeft[warp], launchLeft);
    isLaunchSpent = launchLeft < instructionsLeft[warp];
    warps[warp].budget = allowed;
    try {
      return schedules[warp].run();
    } finally {
      long executed = allowed - warps[warp].budget;
      instructionsLeft[warp] -= executed;
      launch.instructionsLeft().addAndGet(-executed);
    }
  }

  /** Which limit a warp has come to. */
  String budgetSpent() {
    LaunchOptions options = launch.options();
    return isLaunchSpent
        ? "the launch takes more than %d instructions of warps"
            .formatted(options.instructionsPerLaunch())
        : "the warp takes more than %d instructions".formatted(options.instructionsPerWarp());
  }

  private long startCost() {
    EntrySyntax entry = launch.program().syntax();
    long warpBytes = LANES_BYTES * entry.registers().size() + Warp.LANES * entry.localBytes();
    return (warps.length * warpBytes + launch.shape().sharedBytes()) / BYTES_PER_INSTRUCTION;
  }

  private WarpSchedule schedule(Warp warp) {
    Step[] code = launch.program().code();
    if (launch.options().schedule() == Schedule.LOCKSTEP) {
      return new LockstepSchedule(warp, code);
    }
    long seed = launch.options().seed() ^ ((long) cta << 32 | warp.number) * 0x9E3779B97F4A7C15L;
    return new LaneSerialSchedule(warp, code, seed);
  }

  /** All warps have run as far as they can: those that have not ended must be at one barrier. */
  private void releaseBarrier() {
    int first = 0;
    while (done[first]) {
      first++;
    }
    for (int i = 0; i < warps.length; i++) {
      Step barrier = barriers[i];
      if (!done[i] && barrier.barrier != barriers[first].barrier) {
        int other = barriers[first].barrier;
        int at = first;
        warps[i].step = barrier;
        report(
            Check.BARRIER,
            warps[i],
            warps[i].live,
            () ->
                "waits at barrier %d, but warp %d at barrier %d"
                    .formatted(barrier.barrier, at, other));
      }
      if (warps[i].live != warps[i].initial) {
        int gone = warps[i].initial & ~warps[i].live;
        int number = i;
        warps[first].step = barriers[first];
        report(
            Check.EXIT_BEFORE_BARRIER,
            warps[first],
            warps[first].live,
            () -> "lanes 0x%08x of warp %d have left before".formatted(gone, number));
      }
    }
    shared.ctaBarrier();
  }

  private String registers(int warp, int lane) {
    return DecidingRegisters.of(launch.program(), warps[warp], lane);
  }

  /** Reports a broken rule at the instruction a warp executes, for the first of some lanes. */
  void report(Check check, Warp warp, int lanes, Supplier<String> message) {
    findings.report(
        check,
        warp.step.site,
        () -> {
          int lane = Integer.numberOfTrailingZeros(lanes);
          return "%s; cta %d, warp %d, lane %d%s"
              .formatted(message.get(), cta, warp.number, lane, registers(warp.number, lane));
        });
  }
}
