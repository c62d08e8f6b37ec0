package org.mirror4j.reference;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.objective.PretrainingTargets;

/** What heads compute (Devlin et al. 2019; Joshi et al. 2020, section 3.2). */
public final class ReferenceHead {
  private static final String SPANS = "cls.pair_target_predictions";

  private ReferenceHead() {}

  /** {@code LayerNorm(gelu(dense(x)))}. */
  static Variable transform(
      Tape tape,
      Variable x,
      ReferenceParameters parameters,
      ReferenceParameters gradients,
      String dense,
      String norm) {
    Variable activated =
        ReferenceGelu.gelu(
            tape, linear(tape, x, dense, parameters, gradients), parameters.config().gelu());
    return ReferenceLayerNorm.layerNorm(
        tape,
        activated,
        parameters.variable(norm + ".weight", gradients),
        parameters.variable(norm + ".bias", gradients),
        parameters.config().layerNormEps());
  }

  /** Logits of the targets of spans, from the rows beside each and its place. */
  public static Variable spanBoundary(
      Tape tape,
      Variable hidden,
      PretrainingTargets.Spans spans,
      ReferenceParameters parameters,
      ReferenceParameters gradients) {
    int[] before = Arrays.stream(spans.left()).map(i -> spans.rows()[i]).toArray();
    int[] after = Arrays.stream(spans.right()).map(i -> spans.rows()[i]).toArray();
    Variable places = parameters.variable(SPANS + ".position_embeddings.weight", gradients);
    Variable y =
        tape.stackColumns(
            List.of(
                tape.gather(hidden, before),
                tape.gather(hidden, after),
                tape.gather(places, spans.offsets())));
    for (int layer = 1; layer <= 2; layer++) {
      y =
          transform(
              tape,
              y,
              parameters,
              gradients,
              SPANS + ".mlp_layer_norm.linear" + layer,
              SPANS + ".mlp_layer_norm.layer_norm" + layer);
    }
    return tape.linear(
        y,
        parameters.variable("embeddings.word_embeddings.weight", gradients),
        parameters.variable(SPANS + ".bias", gradients));
  }

  /** Logits of the two relations, from first rows. */
  static Variable nextSentence(
      Tape tape,
      Variable hidden,
      int[] firstRows,
      ReferenceParameters parameters,
      ReferenceParameters gradients) {
    return pooledClasses(
        tape,
        tape.gather(hidden, firstRows),
        new Pooled("pooler.dense", false, "cls.seq_relationship"),
        Dropout.NONE,
        parameters,
        gradients);
  }

  /**
   * A pooler and what reads it.
   *
   * @param dropsInput whether the pooler reads {@code dropout(x)}
   */
  public record Pooled(String pooler, boolean dropsInput, String classifier) {}

  /** Logits of the classes of each row, through a pooler: {@code dropout(tanh(dense(x)))}. */
  static Variable pooledClasses(
      Tape tape,
      Variable x,
      Pooled head,
      Dropout dropout,
      ReferenceParameters parameters,
      ReferenceParameters gradients) {
    Variable read = head.dropsInput ? dropped(tape, x, dropout, 1) : x;
    Variable dense = linear(tape, read, head.pooler, parameters, gradients);
    DMatrixRMaj value = dense.value().copy();
    Arrays.setAll(value.data, i -> Math.tanh(value.data[i]));
    Variable pooled =
        tape.operation(
            value,
            dValue -> {
              for (int i = 0; i < value.data.length; i++) {
                dense.gradient().data[i] += dValue.data[i] * (1 - value.data[i] * value.data[i]);
              }
            });
    return classes(tape, pooled, head.classifier, dropout, parameters, gradients);
  }

  /** Logits of the classes of each row: {@code classifier(dropout(x))}. */
  static Variable classes(
      Tape tape,
      Variable x,
      String classifier,
      Dropout dropout,
      ReferenceParameters parameters,
      ReferenceParameters gradients) {
    return linear(tape, dropped(tape, x, dropout, 0), classifier, parameters, gradients);
  }

  private static Variable dropped(Tape tape, Variable x, Dropout dropout, int layer) {
    int site = DropoutSite.CLASSIFIER_INPUT.in(layer);
    return tape.scaleElements(
        x, ReferenceDropout.factors(dropout, site, 0, 1, x.columns(), x.rows(), x.columns()));
  }

  private static Variable linear(
      Tape tape,
      Variable x,
      String name,
      ReferenceParameters parameters,
      ReferenceParameters gradients) {
    return tape.linear(
        x,
        parameters.variable(name + ".weight", gradients),
        parameters.variable(name + ".bias", gradients));
  }
}
