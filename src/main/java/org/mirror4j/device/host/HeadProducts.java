package org.mirror4j.device.host;

import org.mirror4j.device.host.MatrixLibrary.Multiplier;

/**
 * The products of a head of attention: by library of a long sequence, by {@link SmallProducts} of
 * short ones. Which it is depends on the sequence alone.
 */
final class HeadProducts {
  private final Multiplier[] multipliers;

  HeadProducts(Multiplier[] multipliers) {
    this.multipliers = multipliers;
  }

  /** Transposes what queries or gradients are multiplied with by {@link #dots}. */
  void transpose(AttentionHead work, long x, int xStride) {
    if (work.isLong()) {
      return;
    }
    ScoreLayout layout = work.layout;
    for (int group = 0; group < layout.groups(); group++) {
      long columns = transposed(work, group);
      for (int s = layout.sequence(group); s < layout.sequence(group + 1); s++) {
        SmallProducts.transpose(
            columns + 4L * layout.lane(s),
            layout.width(group),
            x + 4L * layout.row(s) * xStride,
            xStride,
            layout.keys(s),
            work.size);
      }
    }
  }

  private long transposed(AttentionHead work, int group) {
    return work.transposed + 4L * work.size * work.layout.column(group);
  }

  /**
   * {@code to[i, j] = a[i] . b[j]} for queries i and keys j, where the layout has them; other
   * columns hold anything.
   *
   * @param b what has been transposed
   */
  void dots(AttentionHead work, long to, long a, int aStride, long b, int bStride) {
    ScoreLayout layout = work.layout;
    int stride = layout.stride();
    if (work.isLong()) {
      multipliers[work.worker].multiply(
          work.product
              .of(false, true, work.rows, layout.keys(0), work.size)
              .a(a, aStride)
              .b(b, bStride)
              .c(to, stride));
      return;
    }
    for (int group = 0; group < layout.groups(); group++) {
      int row = layout.row(layout.sequence(group));
      SmallProducts.dots(
          to + 4L * row * stride,
          stride,
          a + 4L * row * aStride,
          aStride,
          layout.row(layout.sequence(group + 1)) - row,
          transposed(work, group),
          layout.width(group),
          work.size);
    }
  }

  /** {@code to[i] = factor * sum over keys j of weights[i, j] x[j]}, for each sequence. */
  void weighted(
      AttentionHead work, long to, int toStride, long weights, long x, int xStride, float factor) {
    for (int s = 0; s < work.layout.sequences(); s++) {
      sums(work, s, false, to, toStride, weights, x, xStride, factor);
    }
  }

  /** {@code to[j] = factor * sum over queries i of weights[i, j] x[i]} for keys j. */
  void weightedTransposed(
      AttentionHead work, long to, int toStride, long weights, long x, int xStride, float factor) {
    for (int s = 0; s < work.layout.sequences(); s++) {
      sums(work, s, true, to, toStride, weights, x, xStride, factor);
    }
  }

  private void sums(
      AttentionHead work,
      int sequence,
      boolean transpose,
      long to,
      int toStride,
      long weights,
      long x,
      int xStride,
      float factor) {
    ScoreLayout layout = work.layout;
    int row = layout.row(sequence);
    int queries = layout.row(sequence + 1) - row;
    int keys = layout.keys(sequence);
    int rows = transpose ? keys : queries;
    int terms = transpose ? queries : keys;
    int stride = layout.stride();
    if (work.isLong()) {
      multipliers[work.worker].multiply(
          work.product
              .of(transpose, false, rows, work.size, terms)
              .a(weights, stride)
              .b(x, xStride)
              .c(to, toStride)
              .factors(factor, 0));
    } else {
      SmallProducts.weightedSums(
          to + 4L * row * toStride,
          toStride,
          rows,
          weights + 4L * (row * stride + layout.lane(sequence)),
          transpose ? 1 : stride,
          transpose ? stride : 1,
          x + 4L * row * xStride,
          xStride,
          terms,
          work.size,
          factor);
    }
  }
}
