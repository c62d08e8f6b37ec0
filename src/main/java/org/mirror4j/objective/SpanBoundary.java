package org.mirror4j.objective;

import static org.mirror4j.tensor.Parameter.bias;
import static org.mirror4j.tensor.Parameter.weight;

import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Memory;
import org.mirror4j.device.operation.Row;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.objective.PretrainingHeads.SpanBoundarySize;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The span boundary objective (Joshi et al. 2020, section 3.2): a token of a masked span is
 * predicted from the two tokens beside the span and its place in it alone. For the span (s, e) and
 * its token i, with last hidden states x, a table of places P and word embeddings E:
 *
 * <pre>
 *   h0 = [x[s-1]; x[e+1]; P[i-s]]
 *   h1 = LayerNorm(gelu(h0 W1^T + b1)),   y = LayerNorm(gelu(h1 W2^T + b2))
 *   logits = y E^T + c,   loss = cross entropy
 * </pre>
 */
final class SpanBoundary {
  private static final String HEAD = "cls.pair_target_predictions";
  private static final String TABLE = "position_embeddings.weight";

  /** The table of places by its whole name. */
  static final String PLACES = HEAD + "." + TABLE;

  private final Device device;
  private final int hidden;
  private final int width;
  private final Parameters gradients;
  private final Tensor storedPlaces;
  private final HeadTransform first;
  private final HeadTransform second;
  private final TiedDecoder decoder;
  private final Tensor left;
  private final Tensor right;
  private final Tensor offsets;
  private final Tensor side;
  private final Tensor place;
  private final Tensor h0;
  private final Backward backward;

  /**
   * Parameters of the head; its decoder's weight is the word embeddings.
   *
   * @param places P, [places, width]
   * @param vocabularyBias [vocabSize]
   * @param vectors all that do not decay, side by side
   */
  private record Parameters(
      Tensor places,
      HeadTransform.Parameters first,
      HeadTransform.Parameters second,
      Tensor vocabularyBias,
      Tensor vectors) {
    /** Takes them, under the names of the released checkpoints. */
    static Parameters of(ParameterScope scope, BertConfig config, SpanBoundarySize size) {
      ParameterScope head = scope.in(HEAD);
      ParameterScope layers = head.in("mlp_layer_norm");
      int hidden = config.hiddenSize();
      return new Parameters(
          head.take(weight(TABLE, size.places(), size.width(), config.initializerRange())),
          HeadTransform.Parameters.take(
              layers, config, 2 * hidden + size.width(), "linear1", "layer_norm1"),
          HeadTransform.Parameters.take(layers, config, hidden, "linear2", "layer_norm2"),
          head.take(bias("bias", config.vocabSize())),
          scope.undecayed());
    }
  }

  /** Buffers of the backward pass. */
  private record Backward(
      Tensor dBoundaries, Tensor dH0, RowSegments left, RowSegments right, RowSegments offsets) {
    static Backward plan(
        Workspace workspace, BertModel model, int inputs, int maxTargets, int maxBoundaries) {
      int hidden = model.config().hiddenSize();
      return new Backward(
          workspace.f32("spans.dBoundaries", maxBoundaries, hidden),
          workspace.tensor("spans.dH0", model.storage(), Shape.of(maxTargets, inputs)),
          RowSegments.plan(workspace, "spans.left", maxTargets),
          RowSegments.plan(workspace, "spans.right", maxTargets),
          RowSegments.plan(workspace, "spans.offsets", maxTargets));
    }
  }

  /** The head, to be added to the encoder of a model. */
  static ParameterTable.Block head(BertConfig config, SpanBoundarySize size) {
    return scope -> Parameters.of(scope, config, size);
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param flatGradients null where only losses are wanted
   * @param maxTargets the most tokens of a batch that are predicted
   * @param maxBoundaries the most tokens beside spans
   */
  SpanBoundary(
      Device device,
      Workspace workspace,
      BertModel model,
      SpanBoundarySize size,
      Tensor flatGradients,
      int maxTargets,
      int maxBoundaries) {
    this.device = device;
    BertConfig config = model.config();
    hidden = config.hiddenSize();
    width = size.width();
    ParameterTable table = model.table();
    Parameters parameters = Parameters.of(table.scope(model.parameters()), config, size);
    Parameters stored = Parameters.of(table.scope(model.stored()), config, size);
    gradients =
        flatGradients == null ? null : Parameters.of(table.scope(flatGradients), config, size);
    storedPlaces = stored.places;
    first =
        new HeadTransform(
            device,
            workspace,
            "spans.first",
            model,
            parameters.first,
            stored.first.weight(),
            gradients == null ? null : gradients.first,
            maxTargets);
    second =
        new HeadTransform(
            device,
            workspace,
            "spans.second",
            model,
            parameters.second,
            stored.second.weight(),
            gradients == null ? null : gradients.second,
            maxTargets);
    decoder =
        new TiedDecoder(
            device,
            workspace,
            "spans",
            model,
            parameters.vocabularyBias,
            flatGradients,
            gradients == null ? null : gradients.vocabularyBias,
            GemmSpec.TN_ADD,
            maxTargets);
    int inputs = 2 * hidden + width;
    left = workspace.i32("spans.left", maxTargets);
    right = workspace.i32("spans.right", maxTargets);
    offsets = workspace.i32("spans.places", maxTargets);
    side = workspace.tensor("spans.side", model.storage(), Shape.of(maxTargets, hidden));
    place = workspace.tensor("spans.place", model.storage(), Shape.of(maxTargets, width));
    h0 = workspace.tensor("spans.h0", model.storage(), Shape.of(maxTargets, inputs));
    backward =
        gradients == null
            ? null
            : Backward.plan(workspace, model, inputs, maxTargets, maxBoundaries);
  }

  /** Takes what is to be predicted. */
  void upload(PretrainingTargets.Spans spans) {
    int targets = spans.labels().length;
    decoder.upload(spans.labels());
    upload(spans.left(), spans.right(), spans.offsets());
    if (backward != null) {
      backward.dBoundaries.rows(spans.rows().length);
      backward.dH0.rows(targets);
      BatchTensors.upload(device, backward.left, spans.byLeft());
      BatchTensors.upload(device, backward.right, spans.byRight());
      BatchTensors.upload(device, backward.offsets, spans.byOffset());
    }
  }

  private void upload(int[] leftRows, int[] rightRows, int[] places) {
    int targets = places.length;
    device.prefetch(left.rows(targets), leftRows);
    device.prefetch(right.rows(targets), rightRows);
    device.prefetch(offsets.rows(targets), places);
    side.rows(targets);
    place.rows(targets);
    h0.rows(targets);
  }

  /**
   * Computes the loss of each target.
   *
   * @param boundaries [boundaries, hidden], the last hidden states of the tokens beside spans
   * @param gradientScale [1], what the gradients are multiplied by
   */
  void forward(Tensor boundaries, Tensor gradientScale) {
    decoder.forward(y(boundaries), gradientScale);
  }

  /**
   * Computes the logits of tokens of spans alone.
   *
   * @param hidden [tokens, hidden], last hidden states
   * @param before row of the token before each target's span
   * @param after row of the token after it
   * @param places of each target in its span, from 0, all in the table
   */
  TiedDecoder.Logits logits(Tensor hidden, int[] before, int[] after, int[] places) {
    upload(before, after, places);
    return decoder.logits(y(hidden));
  }

  private Tensor y(Tensor boundaries) {
    Row row = device.kernels().row();
    row.gatherRows(side, boundaries, left);
    row.copyColumns(h0, 0, side, 0, hidden);
    row.gatherRows(side, boundaries, right);
    row.copyColumns(h0, hidden, side, 0, hidden);
    row.gatherRows(place, storedPlaces, offsets);
    row.copyColumns(h0, 2 * hidden, place, 0, width);
    return second.forward(first.forward(h0));
  }

  /** The sum of the last losses; 0 of no targets. */
  double loss() {
    return decoder.loss();
  }

  /**
   * The gradients of the sum of the losses times the scale; those of the head are overwritten, that
   * of the word embeddings is added to.
   *
   * @param dBoundaries [boundaries, hidden], overwritten
   */
  void backward(Tensor dBoundaries) {
    Memory memory = device.kernels().memory();
    Row row = device.kernels().row();
    memory.fill(gradients.vectors, 0);
    memory.fill(gradients.places, 0);
    memory.fill(backward.dBoundaries, 0);
    decoder.backward(second.dY(), second.y());
    second.backward(first.dY(), first.y());
    first.backward(backward.dH0, h0);
    row.copyColumns(side, 0, backward.dH0, 0, hidden);
    row.addRows(backward.dBoundaries, side, backward.left);
    row.copyColumns(side, 0, backward.dH0, hidden, hidden);
    row.addRows(backward.dBoundaries, side, backward.right);
    row.copyColumns(place, 0, backward.dH0, 2 * hidden, width);
    row.addRows(gradients.places, place, backward.offsets);
    memory.convert(dBoundaries, backward.dBoundaries);
  }
}
