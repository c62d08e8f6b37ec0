package org.mirror4j.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.operation.RowPooling;

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
      Tape tape, List<Variable> outputs, ReferenceBatch batch, RowPooling pooling) {
    List<Variable> pooled = new ArrayList<>();
    for (int s = 0; s < outputs.size(); s++) {
      Variable x = outputs.get(s);
      int rows =
          switch (pooling) {
            case FIRST -> 1;
            case MEAN -> batch.keyLengths()[s];
            case MEAN_PADDED -> x.rows();
          };
      pooled.add(tape.meanOfRows(tape.rows(x, 0, rows)));
    }
    return tape.stackRows(pooled);
  }

  /**
   * The vectors of a batch.
   *
   * @param maskToken is in every sequence, where the pooling asks for it
   * @return [sequences, hidden]
   */
  public static Variable encode(
      Tape tape, ReferenceEncoder encoder, ReferenceBatch batch, Pooling pooling, int maskToken) {
    return switch (pooling) {
      case CLS -> tape.stackRows(encoder.encodeFirstRows(batch));
      case MASK -> tape.stackRows(encoder.encodeRows(batch, lastOf(batch, maskToken)));
      case MEAN -> means(tape, encoder.encode(batch), batch);
      case MEAN_PADDED -> pool(tape, encoder.encode(batch), batch, RowPooling.MEAN_PADDED);
      case FIRST_LAST_AVG -> {
        List<List<Variable>> layers = encoder.encodeLayers(batch);
        yield average(
            tape, means(tape, layers.getFirst(), batch), means(tape, layers.getLast(), batch));
      }
      case LAST_2_AVG -> {
        List<List<Variable>> layers = encoder.encodeLayers(batch);
        yield average(
            tape,
            means(tape, layers.get(layers.size() - 2), batch),
            means(tape, layers.getLast(), batch));
      }
      case MASK_MEAN -> {
        List<Variable> outputs = encoder.encode(batch);
        int[] masks = lastOf(batch, maskToken);
        List<Variable> rows = new ArrayList<>();
        for (int s = 0; s < masks.length; s++) {
          rows.add(tape.rows(outputs.get(s), masks[s], masks[s] + 1));
        }
        yield average(tape, tape.stackRows(rows), means(tape, outputs, batch));
      }
    };
  }

  private static Variable means(Tape tape, List<Variable> outputs, ReferenceBatch batch) {
    return pool(tape, outputs, batch, RowPooling.MEAN);
  }

  private static Variable average(Tape tape, Variable a, Variable b) {
    return tape.scale(tape.add(a, b), 0.5);
  }

  private static int[] lastOf(ReferenceBatch batch, int token) {
    return IntStream.range(0, batch.sequences())
        .map(
            s ->
                IntStream.range(0, batch.keyLengths()[s])
                    .filter(row -> batch.tokenIds()[s][row] == token)
                    .max()
                    .orElseThrow())
        .toArray();
  }
}
