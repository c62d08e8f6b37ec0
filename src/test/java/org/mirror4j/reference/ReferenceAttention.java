package org.mirror4j.reference;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;

/** Multi-head self-attention of one sequence (Vaswani et al. 2017, eq. 1). */
public final class ReferenceAttention {
  private ReferenceAttention() {}

  /**
   * {@code headScale dropout(softmax(q k^T / sqrt(headSize))) v} for each head, over the real keys
   * only.
   *
   * @param query [rows of the sequence, hidden], heads side by side; so are key and value
   * @return [rows of the sequence, hidden]
   */
  public static Variable context(
      Tape tape,
      Variable query,
      Variable key,
      Variable value,
      int heads,
      ReferenceBatch batch,
      int sequence,
      Dropout dropout,
      int layer) {
    int headSize = query.columns() / heads;
    int keys = batch.keyLengths()[sequence];
    double[] headFactors = ReferenceDropout.headFactors(dropout, layer, sequence, heads);
    List<Variable> contexts = new ArrayList<>();
    for (int h = 0; h < heads; h++) {
      int from = h * headSize;
      int to = from + headSize;
      Variable q = tape.columns(query, from, to);
      Variable k = tape.rows(tape.columns(key, from, to), 0, keys);
      Variable v = tape.rows(tape.columns(value, from, to), 0, keys);
      Variable scores = tape.scale(tape.multiplyTransposed(q, k), 1 / Math.sqrt(headSize));
      Variable probabilities = ReferenceSoftmax.softmax(tape, scores);
      DMatrixRMaj factors =
          ReferenceDropout.factors(
              dropout,
              DropoutSite.ATTENTION_PROBABILITIES.in(layer),
              (long) batch.start(sequence) * heads + h,
              heads,
              Dropout.ATTENTION_WIDTH,
              query.rows(),
              keys);
      Variable context = tape.multiply(tape.scaleElements(probabilities, factors), v);
      contexts.add(tape.scale(context, headFactors[h]));
    }
    return tape.stackColumns(contexts);
  }
}
