package org.mirror4j.reference;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.operation.Pooling;

/** One vector a sequence. */
public final class ReferencePooling {
  private ReferencePooling() {}

  /**
   * The first row, the mean of the real rows or the mean of all rows of each sequence.
   *
   * @param outputs [rows of the sequence, hidden] of each sequence
   * @return [sequences, hidden]
   */
  public static Variable pool(
      Tape tape, List<Variable> outputs, ReferenceBatch batch, Pooling pooling) {
    List<Variable> pooled = new ArrayList<>();
    for (int s = 0; s < outputs.size(); s++) {
      Variable x = outputs.get(s);
      int rows =
          switch (pooling) {
            case CLS -> 1;
            case MEAN -> batch.keyLengths()[s];
            case MEAN_PADDED -> x.rows();
          };
      pooled.add(tape.meanOfRows(tape.rows(x, 0, rows)));
    }
    return tape.stackRows(pooled);
  }
}
