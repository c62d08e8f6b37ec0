package org.mirror4j.device.ptx;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.mirror4j.device.ptx.report.Check;

/**
 * One lane after the other, each up to the next {@code .sync} instruction, in an order drawn from a
 * seed. Since lanes of a warp need not be in step, a kernel must give the same bits here as in
 * lockstep; one that does not relied on luck.
 */
final class LaneSerialSchedule implements WarpSchedule {
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
      for (int lane : order) {
        if ((warp.live & ~waiting & 1 << lane) != 0) {
          runAlone(lane);
        }
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

  /** Runs a lane until it waits or leaves. */
  private void runAlone(int lane) {
    int mask = 1 << lane;
    ExecutionListener listener = warp.worker.listener();
    while (true) {
      if (counters[lane] == code.length) {
        warp.live &= ~mask;
        return;
      }
      Step step = code[counters[lane]];
      int executing = warp.executing(step, mask);
      boolean executes = executing != 0;
      boolean sync = step.kind == Step.Kind.WARP_SYNC || step.kind == Step.Kind.BARRIER;
      if (executes && sync) {
        waiting |= mask;
        return;
      }
      counters[lane]++;
      if (executes && step.kind == Step.Kind.BRANCH) {
        counters[lane] = step.target;
      } else if (executes && step.kind == Step.Kind.EXIT) {
        warp.live &= ~mask;
      } else if (executes) {
        warp.execute(step, mask);
      }
      if (listener != null) {
        listener.executed(step.instruction, mask, executing);
      }
      if ((warp.live & mask) == 0) {
        return;
      }
    }
  }

  /** Lets lanes that wait for each other go on; the barrier's step if all wait at one. */
  private Step meet() {
    int rest = waiting;
    int before = waiting;
    while (rest != 0) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int group = at(counters[lane]);
      Step step = code[counters[lane]];
      if (step.kind == Step.Kind.BARRIER) {
        if (group == warp.live) {
          release(step, group);
          return step;
        }
        rest &= ~group;
      } else {
        int members = warp.words[step.members + lane];
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

  private int at(int counter) {
    int lanes = 0;
    for (int rest = waiting; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      lanes |= counters[lane] == counter ? 1 << lane : 0;
    }
    return lanes;
  }

  private void reportStuck() {
    int lane = Integer.numberOfTrailingZeros(waiting);
    int here = at(counters[lane]);
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
