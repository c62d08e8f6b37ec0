package org.mirror4j.calibrate.flow;

/**
 * The architecture of a flow (Li et al. 2020, "On the Sentence Embeddings from Pre-trained Language
 * Models", appendix B). A level has {@code depth} steps of activation normalisation, permutation
 * and coupling; after each level but the last the second half of its channels is done.
 *
 * @param channels values of a vector, a multiple of {@code 2^levels}
 * @param levels the released code's configuration has 3, the paper's table 2
 * @param depth steps of a level
 * @param width hidden units of a coupling's network
 * @param coupling of every step
 * @param permutation of every step
 */
public record FlowArchitecture(
    int channels,
    int levels,
    int depth,
    int width,
    FlowCoupling coupling,
    FlowPermutation permutation) {
  /** More levels than the widest vectors have halves. */
  private static final int MOST_LEVELS = 16;

  /** More steps and hidden units than any use has; what a file says is no larger. */
  private static final int MOST_STEPS = 256, MOST_WIDTH = 1 << 16, MOST_CHANNELS = 1 << 16;

  /** Checks the values. */
  public FlowArchitecture {
    require("levels", levels, 1, MOST_LEVELS);
    require("depth", depth, 1, MOST_STEPS);
    require("width", width, 1, MOST_WIDTH);
    require("channels", channels, 2, MOST_CHANNELS);
    if (channels % (1 << levels) != 0) {
      throw new IllegalArgumentException(
          "a flow of %d levels over vectors of %d values: expected a multiple of %d"
              .formatted(levels, channels, 1 << levels));
    }
  }

  private static void require(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s of a flow is %d, expected %d to %d".formatted(name, value, least, most));
    }
  }

  /**
   * Channels that the steps of a level change.
   *
   * @param level counts from 0
   */
  int channels(int level) {
    return channels >> level;
  }

  /** Half of them. */
  int half(int level) {
    return channels >> level + 1;
  }

  /** Multiplications of a forward pass over one vector. */
  public double multiplications() {
    double sum = 0;
    for (int level = 0; level < levels; level++) {
      double half = half(level);
      double mixing = permutation == FlowPermutation.PLU ? 8 * half * half : 0;
      sum += depth * (half * width * (1 + coupling.outputs()) + (double) width * width + mixing);
    }
    return sum;
  }
}
