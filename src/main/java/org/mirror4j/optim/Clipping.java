package org.mirror4j.optim;

/**
 * How gradients that are too large are scaled down (Pascanu et al. 2013): a gradient whose norm is
 * over the limit is multiplied by {@code maxNorm / norm}. PyTorch adds 1e-6 to that norm, which
 * changes the gradient by less than its part in a million and is left out.
 *
 * @param over what one norm is taken of
 * @param maxNorm 0 for no clipping
 */
public record Clipping(Over over, double maxNorm) {
  /** What one norm is taken of. */
  public enum Over {
    /**
     * All that is trained together: {@code clip_by_global_norm} of TensorFlow, fairseq, and what is
     * usual in PyTorch.
     */
    ALL,
    /**
     * What each optimiser, or each group of one, updates, by itself: the released coreference code
     * of SpanBERT.
     */
    OPTIMIZER
  }

  /** Checks the limit. */
  public Clipping {
    if (!(maxNorm >= 0) || maxNorm == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "largest norm of a gradient is " + maxNorm + ", expected 0 or more");
    }
  }

  /** Clipping of the norm over all that is trained together; 0 for none. */
  public static Clipping global(double maxNorm) {
    return new Clipping(Over.ALL, maxNorm);
  }

  /** What a gradient of a norm is multiplied by: 1 or less. */
  double factor(double norm) {
    return maxNorm > 0 && norm > maxNorm ? maxNorm / norm : 1;
  }
}
