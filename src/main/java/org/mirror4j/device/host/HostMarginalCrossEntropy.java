package org.mirror4j.device.host;

import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Loss#marginalCrossEntropy}. A piece of work is a sequence.
 */
final class HostMarginalCrossEntropy {
  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task task = this::run;
  private Tensor loss;
  private Tensor logits;
  private Tensor cuSeqlens;
  private Tensor marks;
  private float gradientScale;

  HostMarginalCrossEntropy(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  void marginalCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor marks, Tensor gradientScale) {
    this.loss = loss;
    this.logits = logits;
    this.cuSeqlens = cuSeqlens;
    this.marks = marks;
    this.gradientScale = HostAllocator.f32(gradientScale.address(), 0);
    int sequences = loss.rows();
    threads.run(sequences, task);
    int end = first(sequences);
    int rest = logits.rows() - end;
    StoredRow.zero(logits, end, rest, scratch[0].floats(rest));
  }

  private void run(int sequence, int worker) {
    int first = first(sequence);
    int rows = first(sequence + 1) - first;
    int stride = SmallProducts.stride(rows);
    long lanes = scratch[worker].floats(HostCrossEntropy.floats() + 2L * stride);
    long all = lanes + 4L * HostCrossEntropy.floats();
    long marked = all + 4L * stride;
    if (!isPredicted(first, rows)) {
      HostAllocator.f32(loss.address(), sequence, 0);
      StoredRow.zero(logits, first, rows, all);
      return;
    }
    StoredRow.read(logits, first, rows, all);
    for (int i = 0; i < rows; i++) {
      boolean right = HostAllocator.i32(marks.address(), first + i) != 0;
      HostAllocator.f32(marked, i, right ? HostAllocator.f32(all, i) : Float.NEGATIVE_INFINITY);
    }
    double logSum = exponentials(all, rows, lanes);
    double logMarked = exponentials(marked, rows, lanes);
    HostAllocator.f32(loss.address(), sequence, (float) (logSum - logMarked));
    RowLoops.addScaled(all, marked, -1, rows);
    RowLoops.scale(all, all, gradientScale, rows);
    StoredRow.write(logits, first, rows, all);
  }

  private boolean isPredicted(int first, int rows) {
    for (int i = 0; i < rows; i++) {
      if (HostAllocator.i32(marks.address(), first + i) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Replaces logits by their softmax; the logarithm of the sum of their exponentials. */
  private static double exponentials(long x, int rows, long lanes) {
    float max = RowLoops.max(x, rows, lanes);
    float sum = HostCrossEntropy.exponentials(x, rows, max, lanes);
    RowLoops.divide(x, x, sum, rows);
    return max + StrictMath.log(sum);
  }

  private int first(int sequence) {
    return HostAllocator.i32(cuSeqlens.address(), sequence);
  }
}
