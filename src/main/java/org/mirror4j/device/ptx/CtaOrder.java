package org.mirror4j.device.ptx;

import java.util.SplittableRandom;

/** In which order the CTAs of a grid start; a kernel must not depend on it. */
public enum CtaOrder {
  FORWARD,
  REVERSE,
  /** Drawn from the seed of the launch. */
  SEEDED;

  /** The CTA at each place in the order. */
  int[] of(int ctas, long seed) {
    int[] order = new int[ctas];
    for (int i = 0; i < ctas; i++) {
      order[i] = this == REVERSE ? ctas - 1 - i : i;
    }
    if (this == SEEDED) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = ctas - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int kept = order[i];
        order[i] = order[j];
        order[j] = kept;
      }
    }
    return order;
  }
}
