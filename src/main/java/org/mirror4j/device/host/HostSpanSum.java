package org.mirror4j.device.host;

import org.mirror4j.device.operation.Row.WeightedSpans;
import org.mirror4j.device.operation.Row.WeightedSpansBackward;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Row#weightedSpanSum} and its gradient. A piece of work is
 * some spans, and for the gradient some tokens: each looks for the spans that it is in, so that
 * each row of the gradient is one worker's.
 */
final class HostSpanSum {
  /** Spans or tokens of a piece. */
  private static final int ROWS = 8;

  private final HostThreads threads;
  private final HostScratch[] scratch;

  /** What is common to all tokens of a span. */
  private final HostScratch commonScratch;

  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task multiply = this::multiply;
  private final HostThreads.Task backward = this::backward;
  private WeightedSpans spans;
  private Tensor dX;
  private Tensor dScores;
  private Tensor dY;
  private long products;

  HostSpanSum(HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    this.threads = threads;
    this.scratch = scratch;
    commonScratch = new HostScratch(memory);
  }

  /** {@link org.mirror4j.device.operation.Row#weightedSpanSum}. */
  void forward(WeightedSpans spans) {
    this.spans = spans;
    threads.run(pieces(spans.y()), forward);
  }

  private static int pieces(Tensor tensor) {
    return (tensor.rows() + ROWS - 1) / ROWS;
  }

  private void forward(int index, int worker) {
    int width = spans.x().columns();
    int stride = SmallProducts.stride(width);
    int end = Math.min(spans.y().rows(), (index + 1) * ROWS);
    long sum =
        scratch[worker].floats(2L * stride + HostCrossEntropy.floats() + (long) spans.longest());
    long row = sum + 4L * stride;
    long lanes = row + 4L * stride;
    long weights = lanes + 4L * HostCrossEntropy.floats();
    for (int span = index * ROWS; span < end; span++) {
      int from = from(span);
      int count = to(span) - from;
      RowLoops.fill(sum, 0f, width);
      HostAllocator.f32(spans.logSumExp().address(), span, weigh(weights, from, count, lanes));
      for (int i = 0; i < count; i++) {
        long x = StoredRow.load(spans.x(), (long) (from + i) * width, width, row);
        RowLoops.addScaled(sum, x, HostAllocator.f32(weights, i), width);
      }
      StoredRow.write(spans.y(), (long) span * width, width, sum);
    }
  }

  /** The weights of a span; the logarithm of what they were divided by. */
  private float weigh(long weights, int from, int count, long lanes) {
    if (count == 0) {
      return 0;
    }
    StoredRow.read(spans.scores(), from, count, weights);
    float max = RowLoops.max(weights, count, lanes);
    float sum = HostCrossEntropy.exponentials(weights, count, max, lanes);
    RowLoops.divide(weights, weights, sum, count);
    return (float) (max + StrictMath.log(sum));
  }

  /** {@link org.mirror4j.device.operation.Row#weightedSpanSumBackward}. */
  void backward(WeightedSpansBackward operands) {
    spans = operands.forward();
    dX = operands.dX();
    dScores = operands.dScores();
    dY = operands.dY();
    products = commonScratch.floats(dY.rows());
    threads.run(pieces(dY), multiply);
    threads.run(pieces(dX), backward);
  }

  private void multiply(int index, int worker) {
    int width = dY.columns();
    int stride = SmallProducts.stride(width);
    int end = Math.min(dY.rows(), (index + 1) * ROWS);
    long first = scratch[worker].floats(2L * stride + VectorMath.LANES);
    long second = first + 4L * stride;
    long lanes = second + 4L * stride;
    for (int span = index * ROWS; span < end; span++) {
      long a = StoredRow.load(dY, (long) span * width, width, first);
      long b = StoredRow.load(spans.y(), (long) span * width, width, second);
      HostAllocator.f32(products, span, RowLoops.dot(a, b, width, lanes));
    }
  }

  private void backward(int index, int worker) {
    int stride = SmallProducts.stride(dX.columns());
    int first = index * ROWS;
    int count = Math.min(ROWS, dX.rows() - first);
    long scores = scratch[worker].floats(2L * ROWS + 2L * stride + VectorMath.LANES);
    long gradients = scores + 4L * ROWS;
    long sum = gradients + 4L * ROWS;
    StoredRow.read(spans.scores(), first, count, scores);
    for (int i = 0; i < count; i++) {
      float gradient = gradient(first + i, HostAllocator.f32(scores, i), sum, sum + 4L * stride);
      HostAllocator.f32(gradients, i, gradient);
    }
    StoredRow.write(dScores, first, count, gradients);
  }

  /**
   * Adds what the spans of a token give to its row of dX; the gradient of its score.
   *
   * @param sum scratch of a row
   * @param row scratch of a row and a vector
   */
  private float gradient(int token, float score, long sum, long row) {
    int width = dX.columns();
    float common = 0;
    boolean any = false;
    RowLoops.fill(sum, 0f, width);
    for (int span = firstSpan(token); span < dY.rows() && from(span) <= token; span++) {
      if (to(span) > token) {
        float weight = VectorMath.exp(score - HostAllocator.f32(spans.logSumExp().address(), span));
        long gradient = StoredRow.load(dY, (long) span * width, width, row);
        RowLoops.addScaled(sum, gradient, weight, width);
        common = Math.fma(weight, HostAllocator.f32(products, span), common);
        any = true;
      }
    }
    if (!any) {
      return 0;
    }
    long first = (long) token * width;
    RowLoops.add(StoredRow.at(dX, first), sum, width);
    long x = StoredRow.load(spans.x(), first, width, row);
    long lanes = row + 4L * SmallProducts.stride(width);
    return RowLoops.dot(x, sum, width, lanes) - common;
  }

  /** The first span that may have a token: they are in order, and none is longer than said. */
  private int firstSpan(int token) {
    int low = 0;
    int high = dY.rows();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((long) from(middle) + spans.longest() > token) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private int from(int span) {
    return HostAllocator.i32(spans.from().address(), span);
  }

  private int to(int span) {
    return HostAllocator.i32(spans.to().address(), span);
  }
}
