package org.mirror4j.device.ptx;

import java.util.Arrays;
import org.mirror4j.device.ptx.report.Check;

/**
 * All lanes in step. Lanes that part at a branch are kept on a stack of (program counter, place to
 * meet again, mask): one side runs until it comes to the immediate post-dominator of the branch,
 * then the other, then both together.
 */
final class LockstepSchedule implements WarpSchedule {
  private static final int NOWHERE = -1;

  private final Warp warp;
  private final Step[] code;

  /** Entries under the current one. */
  private int[] counters = new int[16];

  private int[] meetings = new int[16];
  private int[] masks = new int[16];
  private int depth;

  private int counter;
  private int meeting;
  private int mask;

  LockstepSchedule(Warp warp, Step[] code) {
    this.warp = warp;
    this.code = code;
  }

  @Override
  public void begin() {
    depth = 0;
    counter = 0;
    meeting = NOWHERE;
    mask = warp.live;
  }

  @Override
  public Step run() {
    ExecutionListener listener = warp.worker.listener();
    while (true) {
      if (mask == 0 || counter == meeting) {
        if (!pop()) {
          return null;
        }
        continue;
      }
      if (counter == code.length) {
        exit(mask);
        continue;
      }
      if (warp.compiled != null && warp.compiled.begins(counter, warp)) {
        counter = warp.compiled.execute(counter, warp, mask);
        continue;
      }
      Step step = code[counter++];
      int active = mask;
      int executing = warp.executing(step, active);
      switch (step.kind) {
        case BRANCH -> branch(step, executing, listener);
        case EXIT -> exit(executing);
        case BARRIER -> {
          if (executing != 0) {
            meetAll(step, executing);
            tell(listener, step, active, executing);
            return step;
          }
        }
        case WARP_SYNC -> {
          if (executing != 0) {
            MemberMasks.requirePresent(warp, step, executing);
            warp.execute(step, executing);
          }
        }
        case LANES, EFFECT -> {
          if (executing != 0) {
            warp.execute(step, executing);
          }
        }
      }
      tell(listener, step, active, executing);
    }
  }

  private static void tell(ExecutionListener listener, Step step, int active, int executing) {
    if (listener != null) {
      listener.executed(step.instruction, active, executing);
    }
  }

  private boolean pop() {
    if (depth == 0) {
      return false;
    }
    depth--;
    counter = counters[depth];
    meeting = meetings[depth];
    mask = masks[depth] & warp.live;
    return true;
  }

  private void push(int entryCounter, int entryMeeting, int entryMask) {
    if (depth == counters.length) {
      counters = Arrays.copyOf(counters, 2 * depth);
      meetings = Arrays.copyOf(meetings, 2 * depth);
      masks = Arrays.copyOf(masks, 2 * depth);
    }
    counters[depth] = entryCounter;
    meetings[depth] = entryMeeting;
    masks[depth] = entryMask;
    depth++;
  }

  private void branch(Step step, int taken, ExecutionListener listener) {
    int notTaken = mask & ~taken;
    if (taken == 0) {
      return;
    }
    if (notTaken == 0) {
      counter = step.target;
      return;
    }
    if (step.uniform) {
      warp.worker.report(
          Check.NON_UNIFORM_BRANCH,
          warp,
          taken,
          () -> "lanes 0x%08x jump and 0x%08x do not".formatted(taken, notTaken));
    }
    if (listener != null) {
      listener.diverged(step.instruction, taken, notTaken);
    }
    int meet = step.reconvergence;
    // Lanes of a side that is at the meeting point already wait in the entry below; an entry that
    // would only be dropped when it comes to its own meeting point is not kept: loops would pile
    // them up.
    if (meet != meeting) {
      push(meet, meeting, mask);
    }
    if (step.target == meet) {
      mask = notTaken;
    } else {
      if (counter != meet) {
        push(counter, meet, notTaken);
      }
      counter = step.target;
      mask = taken;
    }
    meeting = meet;
  }

  private void exit(int lanes) {
    warp.live &= ~lanes;
    mask &= ~lanes;
  }

  private void meetAll(Step step, int executing) {
    int missing = warp.live & ~executing;
    if (missing != 0) {
      warp.worker.report(
          Check.BARRIER,
          warp,
          executing,
          () -> "lanes 0x%08x of the warp are elsewhere".formatted(missing));
    }
  }
}
