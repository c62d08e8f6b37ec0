package org.mirror4j.optim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The update of a table of which a step reads few rows, as of word embeddings: only rows that have
 * been read since the moments were zero are updated, the touched ones. Of any other row gradient
 * and moments are +0, so that an update is {@code parameter = decay * parameter - 0}: all that it
 * misses is a factor, which is kept and multiplied later, in the order of the updates, to the same
 * bits. Host memory is 8 bytes a row.
 */
final class TouchedRows {
  /** Factors that are kept; when there are so many, all rows are brought up to date. */
  static final int MISSED = 256;

  private final Device device;
  private final Optimizer.AdamW operands;

  /** i32[table rows]: {@link #order}, as far as it is used. */
  private final Tensor rows;

  /** f32[{@link #MISSED}]. */
  private final Tensor factors;

  /** All rows of the table, the touched ones first. */
  private final int[] order;

  /** Where each row stands in {@link #order}. */
  private final int[] places;

  /** By which untouched rows are still to be multiplied, the oldest first. */
  private final float[] missed = new float[MISSED];

  private int missedCount;
  private int touched;

  /**
   * Plans the buffers. No row is touched.
   *
   * @param device null when {@code workspace} only counts
   * @param operands matrices [rows, columns]
   */
  TouchedRows(Device device, Workspace workspace, Optimizer.AdamW operands) {
    this.device = device;
    this.operands = operands;
    int size = operands.parameters().rows();
    rows = workspace.i32("touchedRows", size);
    factors = workspace.f32("missedFactors", MISSED);
    order = new int[size];
    places = new int[size];
    for (int row = 0; row < size; row++) {
      order[row] = row;
      places[row] = row;
    }
  }

  /**
   * Brings rows up to date that are about to be read, and has them updated from now on.
   *
   * @param read in any order, perhaps repeated
   */
  void touch(int[] read) {
    int before = touched;
    for (int row : read) {
      put(row);
    }
    if (touched > before) {
      device.upload(rows.rows(touched), order);
      catchUp(before);
    }
  }

  private void put(int row) {
    int place = places[row];
    if (place >= touched) {
      int other = order[touched];
      order[place] = other;
      places[other] = place;
      order[touched] = row;
      places[row] = touched++;
    }
  }

  /** Multiplies rows of the order by what they have missed. */
  private void catchUp(int from) {
    if (missedCount > 0) {
      device.upload(factors.rows(missedCount), missed);
      device
          .kernels()
          .optimizer()
          .scaleRows(operands.parameters(), operands.stored(), rows, from, factors);
    }
  }

  /** Updates the rows that are touched, and keeps what the others miss. */
  void update(float gradientScale, float decay, float stepSize, float inverseRoot) {
    if (touched > 0) {
      device
          .kernels()
          .optimizer()
          .adamWRows(operands, rows.rows(touched), gradientScale, decay, stepSize, inverseRoot);
    }
    if (decay == 1) {
      return;
    }
    if (missedCount == MISSED) {
      settle();
    }
    missed[missedCount++] = decay;
  }

  /** Brings all rows up to date: the parameters are those of an update of the whole table. */
  void settle() {
    if (missedCount > 0 && touched < order.length) {
      device.upload(rows.rows(order.length), order);
      catchUp(touched);
    }
    missedCount = 0;
  }

  /**
   * Has those rows touched whose moments are not zero. All are up to date.
   *
   * @param firstMoment f32[rows * columns], what has been uploaded
   * @param secondMoment likewise
   */
  void recall(MemorySegment firstMoment, MemorySegment secondMoment) {
    missedCount = 0;
    touched = 0;
    int columns = operands.parameters().columns();
    for (int row = 0; row < order.length; row++) {
      if (!isZero(firstMoment, row, columns) || !isZero(secondMoment, row, columns)) {
        put(row);
      }
    }
    if (touched > 0) {
      device.upload(rows.rows(touched), order);
    }
  }

  /** Whether all bits of a row are 0: -0 is none of the values that an untouched row has. */
  private static boolean isZero(MemorySegment values, int row, int columns) {
    int bits = 0;
    for (int c = 0; c < columns; c++) {
      bits |= values.getAtIndex(ValueLayout.JAVA_INT, (long) row * columns + c);
    }
    return bits == 0;
  }
}
