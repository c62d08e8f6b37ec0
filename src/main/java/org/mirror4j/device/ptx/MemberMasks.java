package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.report.Check;

/** The rule for the member mask of a {@code .sync} instruction. */
final class MemberMasks {
  private MemberMasks() {}

  /**
   * Every executing lane must be in its mask, every live lane of the mask must be here, with the
   * same mask. Stricter than the ISA, which lets lanes meet from different instructions.
   */
  static void requirePresent(Warp warp, Step step, int executing) {
    if (step.members == Step.WHOLE_WARP) {
      requireAll(warp, executing);
      return;
    }
    int[] words = warp.words;
    if (executing == Warp.FULL && areAllFull(words, step.members)) {
      return;
    }
    int rest = executing;
    while (rest != 0) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int members = words[step.members + lane];
      int missing = members & warp.live & ~executing;
      if ((members >>> lane & 1) == 0 || missing != 0) {
        report(
            warp,
            lane,
            missing == 0
                ? "lane is not in its own mask 0x%08x".formatted(members)
                : "mask 0x%08x names lanes 0x%08x, which are elsewhere"
                    .formatted(members, missing));
      }
      int agreeing = agreeing(warp, step, executing, members);
      if ((members & executing & ~agreeing) != 0) {
        report(warp, lane, "lanes of mask 0x%08x give other masks".formatted(members));
      }
      rest &= ~agreeing & ~(1 << lane);
    }
  }

  /** What is done by a whole warp is not defined if a lane has left it or was never there. */
  private static void requireAll(Warp warp, int executing) {
    int missing = ~executing;
    if (missing == 0) {
      return;
    }
    int elsewhere = missing & warp.live;
    int never = missing & ~warp.initial;
    report(
        warp,
        Integer.numberOfTrailingZeros(executing),
        elsewhere != 0
            ? "takes the whole warp, but lanes 0x%08x are elsewhere".formatted(elsewhere)
            : never != 0
                ? "takes the whole warp, but lanes 0x%08x are past the end of the block"
                    .formatted(never)
                : "takes the whole warp, but lanes 0x%08x have left".formatted(missing));
  }

  /** The mask that a lane gives. */
  static int of(Warp warp, Step step, int lane) {
    return step.members == Step.WHOLE_WARP ? Warp.FULL : warp.words[step.members + lane];
  }

  private static boolean areAllFull(int[] words, int place) {
    int all = Warp.FULL;
    for (int i = 0; i < Warp.LANES; i++) {
      all &= words[place + i];
    }
    return all == Warp.FULL;
  }

  /** Lanes of some that give a mask. */
  static int agreeing(Warp warp, Step step, int lanes, int members) {
    int agreeing = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if (of(warp, step, lane) == members) {
        agreeing |= 1 << lane;
      }
    }
    return agreeing;
  }

  private static void report(Warp warp, int lane, String message) {
    warp.worker.report(Check.WARP_MASK, warp, 1 << lane, () -> message);
  }
}
