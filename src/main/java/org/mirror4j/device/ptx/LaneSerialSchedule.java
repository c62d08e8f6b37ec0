package org.mirror4j.device.ptx;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.mirror4j.device.ptx.report.Check;

/**
 * Some lanes after the others, each group up to the next {@code .sync} instruction: groups of 1, 1,
 * 2, 4, 8 and 16 lanes, drawn from a seed for each such stretch. Lanes of a group are in step until
 * they part at a branch. Since lanes of a warp need not be in step, a kernel must give the same
 * bits here as in lockstep; one that does not relied on luck.
 */
final class LaneSerialSchedule implements WarpSchedule {
  /** Every lane alone would show no more, and take five times as long. */
  private static final int[] GROUPS = {1, 1, 2, 4, 8, 16};

  private final Warp warp;
  private final Step[] code;
  private final SplittableRandom random;
  private final int[] counters = new int[Warp.LANES];
  private final int[] order = new int[Warp.LANES];

  /** Lanes that wait at the sync instruction their counter is at. */
  private int waiting;

  LaneSerialSchedule(Warp warp, Step[] code, long seed) {
    this.warp = warp;
    this.code = code;
    this.random = new SplittableRandom(seed);
    for (int lane = 0; lane < order.length; lane++) {
      order[lane] = lane;
    }
  }

  @Override
  public void begin() {
    Arrays.fill(counters, 0);
    waiting = 0;
  }

  @Override
  public Step run() {
    // Lanes that come back from a barrier go on behind it.
    while (true) {
      shuffleOrder();
      int first = 0;
      for (int size : GROUPS) {
        int group = 0;
        for (int i = first; i < first + size; i++) {
          group |= 1 << order[i];
        }
        run(group);
        first += size;
      }
      if (warp.live == 0) {
        return null;
      }
      Step barrier = meet();
      if (barrier != null) {
        return barrier;
      }
    }
  }

  private void shuffleOrder() {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
  }

  /** Runs some lanes until each waits or has left. */
  private void run(int lanes) {
    for (int rest = lanes & warp.live & ~waiting; rest != 0; rest = lanes & warp.live & ~waiting) {
      int counter = counters[Integer.numberOfTrailingZeros(rest)];
      runInStep(at(counter, rest), counter);
    }
  }

  /** Runs lanes of one counter until those that have not parted from the others wait or leave. */
  private void runInStep(int lanes, int start) {
    ExecutionListener listener = warp.worker.listener();
    int counter = start;
    int mask = lanes;
    while (mask != 0) {
      if (counter == code.length) {
        warp.live &= ~mask;
        return;
      }
      if (warp.compiled != null && warp.compiled.begins(counter, warp)) {
        counter = warp.compiled.execute(counter, warp, mask);
        continue;
      }
      Step step = code[counter];
      int executing = warp.executing(step, mask);
      boolean sync = step.kind == Step.Kind.WARP_SYNC || step.kind == Step.Kind.BARRIER;
      if (sync && executing != 0) {
        setCounters(executing, counter);
        waiting |= executing;
        mask &= ~executing;
        executing = 0;
      }
      int active = mask;
      counter++;
      if (step.kind == Step.Kind.BRANCH) {
        boolean jumps = executing != 0 && (executing == mask || random.nextBoolean());
        int others = jumps ? mask & ~executing : executing;
        setCounters(others, jumps ? counter : step.target);
        mask &= ~others;
        counter = jumps ? step.target : counter;
      } else if (step.kind == Step.Kind.EXIT) {
        warp.live &= ~executing;
        mask &= ~executing;
      } else if (executing != 0) {
        warp.execute(step, executing);
      }
      if (listener != null && active != 0) {
        listener.executed(step.instruction, active, executing);
      }
    }
  }

  private void setCounters(int lanes, int counter) {
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      counters[Integer.numberOfTrailingZeros(rest)] = counter;
    }
  }

  /** Lets lanes that wait for each other go on; the barrier's step if all wait at one. */
  private Step meet() {
    int rest = waiting;
    int before = waiting;
    while (rest != 0) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int group = at(counters[lane], waiting);
      Step step = code[counters[lane]];
      if (step.kind == Step.Kind.BARRIER) {
        if (group == warp.live) {
          release(step, group);
          return step;
        }
        rest &= ~group;
      } else {
        int members = MemberMasks.of(warp, step, lane);
        int agreeing = MemberMasks.agreeing(warp, step, group, members);
        if ((members & warp.live & ~agreeing) == 0) {
          warp.executing(step, agreeing);
          MemberMasks.requirePresent(warp, step, agreeing);
          warp.execute(step, agreeing);
          release(step, agreeing);
        }
        rest &= ~agreeing;
      }
    }
    if (waiting == before) {
      reportStuck();
    }
    return null;
  }

  private void release(Step step, int lanes) {
    waiting &= ~lanes;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      counters[Integer.numberOfTrailingZeros(rest)]++;
    }
    ExecutionListener listener = warp.worker.listener();
    if (listener != null) {
      listener.executed(step.instruction, lanes, lanes);
    }
  }

  /** Those of some lanes that are at an instruction. */
  private int at(int counter, int lanes) {
    int found = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      found |= counters[lane] == counter ? 1 << lane : 0;
    }
    return found;
  }

  private void reportStuck() {
    int lane = Integer.numberOfTrailingZeros(waiting);
    int here = at(counters[lane], waiting);
    int elsewhere = warp.live & ~here;
    Step step = code[counters[lane]];
    warp.step = step;
    Check check = step.kind == Step.Kind.BARRIER ? Check.BARRIER : Check.WARP_MASK;
    warp.worker.report(
        check,
        warp,
        here,
        () ->
            "lanes 0x%08x wait here for ever, lanes 0x%08x are elsewhere"
                .formatted(here, elsewhere));
  }
}
