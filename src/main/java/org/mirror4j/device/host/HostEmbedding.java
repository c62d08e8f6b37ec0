package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/** Embeddings of tokens, and their gradient. */
final class HostEmbedding extends Embedding {
  /** Rows of a piece of the forward pass. */
  private static final int ROWS = 16;

  private static final int SITE = DropoutSite.EMBEDDING.in(0);

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final ColumnSums sums;
  private final HostAddRows addRows;
  private final LayerNormRows layerNorm = new LayerNormRows();
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor z;
  private Tensor tokenIds;
  private Tensor positionIds;
  private Tensor tokenTypeIds;
  private Tensor word;
  private Tensor position;
  private Tensor tokenType;
  private Tensor dY;
  private Dropout dropout;

  HostEmbedding(
      OperandCheck check, HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    super(check);
    this.threads = threads;
    this.scratch = scratch;
    sums = new ColumnSums(threads, memory);
    addRows = new HostAddRows(threads, scratch);
  }

  @Override
  protected void computeEmbed(Forward operands, Dropout dropout) {
    tokenIds = operands.tokenIds();
    positionIds = operands.positionIds();
    tokenTypeIds = operands.tokenTypeIds();
    word = operands.word();
    position = operands.position();
    tokenType = operands.tokenType();
    HostIndices.requireBelow("embed", tokenIds, word.rows());
    HostIndices.requireBelow("embed", positionIds, position.rows());
    HostIndices.requireBelow("embed", tokenTypeIds, tokenType.rows());
    y = operands.norm().y();
    z = operands.norm().x();
    this.dropout = dropout;
    layerNorm.forward(operands.norm());
    threads.run((z.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = z.columns();
    int end = Math.min(z.rows(), (index + 1) * ROWS);
    int floats = HostDropout.floats(width);
    long keep = scratch[worker].floats(floats + (long) width);
    long values = keep + 4L * floats;
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      long sum = StoredRow.room(z, first, values);
      addTables(
          sum,
          tableRow(word, HostAllocator.i32(tokenIds.address(), row)),
          tableRow(position, HostAllocator.i32(positionIds.address(), row)),
          tableRow(tokenType, HostAllocator.i32(tokenTypeIds.address(), row)),
          width);
      StoredRow.round(z, first, width, sum);
      long result = StoredRow.room(y, first, values);
      layerNorm.normalize(row, result, sum, keep);
      drop(result, row, width, keep);
      StoredRow.store(y, first, width, result);
    }
  }

  private static long tableRow(Tensor table, int row) {
    return StoredRow.at(table, (long) row * table.columns());
  }

  private void drop(long address, int row, int width, long keep) {
    if (dropout.threshold() > 0) {
      HostDropout.multipliers(keep, dropout, SITE, row, width, width);
      RowLoops.multiply(address, address, keep, width);
    }
  }

  /** {@code z = word + position + type}. */
  private static void addTables(long z, long word, long position, long type, int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      fromMemorySegment(SPECIES, ALL, word + 4L * i, ORDER)
          .add(fromMemorySegment(SPECIES, ALL, position + 4L * i, ORDER))
          .add(fromMemorySegment(SPECIES, ALL, type + 4L * i, ORDER))
          .intoMemorySegment(ALL, z + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      float sum = HostAllocator.f32(word, i) + HostAllocator.f32(position, i);
      HostAllocator.f32(z, i, sum + HostAllocator.f32(type, i));
    }
  }

  @Override
  protected void computeEmbedBackward(Backward operands, Dropout dropout) {
    tokenTypeIds = operands.forward().tokenTypeIds();
    z = operands.forward().norm().x();
    requireSegments(operands.words(), operands.dWord());
    requireSegments(operands.positions(), operands.dPosition());
    requireSegments(operands.tokenTypes(), operands.dTokenType());
    if (z.rows() == 0) {
      return;
    }
    dY = operands.dY();
    this.dropout = dropout;
    layerNorm.backward(operands.forward().norm());
    int width = z.columns();
    threads.run(sums.plan(z.rows(), 3 * width), backward);
    layerNorm.addGradients(operands.dGamma(), operands.dBeta(), sums);
    sums.addTo(operands.dTokenType(), 2 * width, width);
    addRows.addRows(operands.dWord(), dY, operands.words());
    addRows.addRows(operands.dPosition(), dY, operands.positions());
    addRows.addRows(operands.dTokenType(), dY, operands.tokenTypes());
  }

  private void requireSegments(RowSegments segments, Tensor table) {
    HostIndices.requireSegments("embedBackward", segments, z.rows(), table.rows());
  }

  private void backward(int index, int worker) {
    int width = z.columns();
    int end = Math.min(z.rows(), (index + 1) * ColumnSums.ROWS);
    int floats = HostDropout.floats(width);
    long keep = scratch[worker].floats(floats + 2L * width);
    long values = keep + 4L * floats;
    long gradients = values + 4L * width;
    long block = sums.block(index);
    long dType = block + 8L * width;
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      long first = (long) row * width;
      long gradient = StoredRow.load(dY, first, width, gradients);
      drop(gradient, row, width, keep);
      long normalized = StoredRow.load(z, first, width, values);
      layerNorm.gradient(row, gradient, block, gradient, normalized, keep);
      StoredRow.store(dY, first, width, gradient);
      if (HostAllocator.i32(tokenTypeIds.address(), row) == 0) {
        RowLoops.add(dType, gradient, width);
      }
    }
  }
}
