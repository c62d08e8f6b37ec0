package org.mirror4j.device.host;

import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Loss#segmentCrossEntropy}. A piece of work is a sequence:
 * its rows lie end to end and are transposed, so that a softmax goes over neighbours.
 */
final class HostSegmentCrossEntropy {
  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task task = this::run;
  private Tensor loss;
  private Tensor logits;
  private Tensor cuSeqlens;
  private Tensor labels;
  private float gradientScale;

  HostSegmentCrossEntropy(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  void segmentCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor labels, Tensor gradientScale) {
    this.loss = loss;
    this.logits = logits;
    this.cuSeqlens = cuSeqlens;
    this.labels = labels;
    this.gradientScale = HostAllocator.f32(gradientScale.address(), 0);
    int sequences = loss.rows();
    threads.run(sequences, task);
    int columns = logits.columns();
    int end = first(sequences) * columns;
    int rest = logits.rows() * columns - end;
    StoredRow.zero(logits, end, rest, scratch[0].floats(rest));
  }

  private void run(int sequence, int worker) {
    int columns = logits.columns();
    int rows = first(sequence + 1) - first(sequence);
    int size = rows * columns;
    int stride = SmallProducts.stride(rows);
    long lanes = scratch[worker].floats(HostCrossEntropy.floats() + size + (long) stride * columns);
    long room = lanes + 4L * HostCrossEntropy.floats();
    long transposed = room + 4L * size;
    long first = (long) first(sequence) * columns;
    long block = StoredRow.load(logits, first, size, room);
    SmallProducts.transpose(transposed, stride, block, columns, rows, columns);
    for (int column = 0; column < columns; column++) {
      run((long) sequence * columns + column, transposed + 4L * stride * column, rows, lanes);
    }
    SmallProducts.transpose(block, columns, transposed, stride, columns, rows);
    StoredRow.store(logits, first, size, block);
  }

  /** One column of a sequence. */
  private void run(long index, long x, int rows, long lanes) {
    int label = HostAllocator.i32(labels.address(), index);
    if (label < 0) {
      HostAllocator.f32(loss.address(), index, 0);
      RowLoops.fill(x, 0f, rows);
      return;
    }
    float max = RowLoops.max(x, rows, lanes);
    double logit = HostAllocator.f32(x, label);
    float sum = HostCrossEntropy.exponentials(x, rows, max, lanes);
    HostAllocator.f32(loss.address(), index, (float) (StrictMath.log(sum) - (logit - max)));
    RowLoops.scale(x, x, gradientScale / sum, rows);
    HostAllocator.f32(x, label, HostAllocator.f32(x, label) - gradientScale);
  }

  private int first(int sequence) {
    return HostAllocator.i32(cuSeqlens.address(), sequence);
  }
}
