package org.mirror4j.reference;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;

/**
 * BERT encoder (Devlin et al. 2019), post-LayerNorm, one sequence at a time:
 *
 * <pre>
 *   x = dropout(LayerNorm(word + position + type))
 *   x = LayerNorm(x + dropout(dense(attention(x))))
 *   x = LayerNorm(x + dropout(dense(gelu(dense(x)))))      both for each layer
 * </pre>
 */
public final class ReferenceEncoder {
  private final Tape tape;
  private final ReferenceConfig config;
  private final ReferenceParameters parameters;
  private final ReferenceParameters gradients;
  private final Dropout dropout;

  /**
   * @param tape records what the encoder does
   * @param gradients added to when the tape is played
   * @param dropout {@link Dropout#NONE} outside training
   */
  public ReferenceEncoder(
      Tape tape, ReferenceParameters parameters, ReferenceParameters gradients, Dropout dropout) {
    this.tape = tape;
    this.config = parameters.config();
    this.parameters = parameters;
    this.gradients = gradients;
    this.dropout = dropout;
  }

  /** The last hidden state of each sequence, [rows of the sequence, hidden]. */
  public List<Variable> encode(ReferenceBatch batch) {
    return encode(batch, null).getLast();
  }

  /** The output of each layer for each sequence, [rows of the sequence, hidden]. */
  public List<List<Variable>> encodeLayers(ReferenceBatch batch) {
    return encode(batch, null).subList(1, config.layers() + 1);
  }

  /** {@link #encodeRows} of the first row of each sequence. */
  public List<Variable> encodeFirstRows(ReferenceBatch batch) {
    return encodeRows(batch, new int[batch.sequences()]);
  }

  /**
   * The last hidden state of one row of each sequence, [1, hidden]: nothing is computed for the
   * other rows after the last layer's attention, and dropout there counts sequences for rows.
   *
   * @param rows counted from the start of each sequence
   */
  public List<Variable> encodeRows(ReferenceBatch batch, int[] rows) {
    return encode(batch, rows).getLast();
  }

  /** Embeddings, then the output of each layer. */
  private List<List<Variable>> encode(ReferenceBatch batch, int[] rows) {
    List<List<Variable>> outputs = new ArrayList<>();
    for (int layer = 0; layer <= config.layers(); layer++) {
      outputs.add(new ArrayList<>());
    }
    for (int s = 0; s < batch.sequences(); s++) {
      Variable x = embed(batch, s);
      outputs.getFirst().add(x);
      for (int layer = 0; layer < config.layers(); layer++) {
        Variable context = context(layer, x, batch, s);
        if (rows != null && layer == config.layers() - 1) {
          x =
              block(
                  layer,
                  tape.rows(context, rows[s], rows[s] + 1),
                  tape.rows(x, rows[s], rows[s] + 1),
                  s);
        } else {
          x = block(layer, context, x, batch.start(s));
        }
        outputs.get(layer + 1).add(x);
      }
    }
    return outputs;
  }

  private Variable embed(ReferenceBatch batch, int sequence) {
    Variable word =
        tape.gather(parameter("embeddings.word_embeddings.weight"), batch.tokenIds()[sequence]);
    Variable position =
        tape.gather(
            parameter("embeddings.position_embeddings.weight"), batch.positionIds()[sequence]);
    Variable type =
        tape.gather(
            parameter("embeddings.token_type_embeddings.weight"), batch.tokenTypeIds()[sequence]);
    Variable sum = tape.add(tape.add(word, position), type);
    return dropout(
        layerNorm("embeddings.LayerNorm", sum), DropoutSite.EMBEDDING, 0, batch.start(sequence));
  }

  private Variable context(int layer, Variable x, ReferenceBatch batch, int sequence) {
    String name = "encoder.layer." + layer;
    return ReferenceAttention.context(
        tape,
        linear(name + ".attention.self.query", x),
        linear(name + ".attention.self.key", x),
        linear(name + ".attention.self.value", x),
        config.heads(),
        batch,
        sequence,
        dropout,
        layer);
  }

  /**
   * @param firstRow row of the dropout sites that is row 0 of x
   */
  private Variable block(int layer, Variable context, Variable x, int firstRow) {
    String name = "encoder.layer." + layer;
    Variable projected = linear(name + ".attention.output.dense", context);
    projected = dropout(projected, DropoutSite.ATTENTION_OUTPUT, layer, firstRow);
    Variable attended = layerNorm(name + ".attention.output.LayerNorm", tape.add(projected, x));

    Variable inner =
        ReferenceGelu.gelu(tape, linear(name + ".intermediate.dense", attended), config.gelu());
    Variable outer = linear(name + ".output.dense", inner);
    outer = dropout(outer, DropoutSite.FEED_FORWARD_OUTPUT, layer, firstRow);
    return layerNorm(name + ".output.LayerNorm", tape.add(outer, attended));
  }

  private Variable dropout(Variable x, DropoutSite place, int layer, int firstRow) {
    return tape.scaleElements(
        x,
        ReferenceDropout.factors(
            dropout, place.in(layer), firstRow, 1, x.columns(), x.rows(), x.columns()));
  }

  private Variable linear(String name, Variable x) {
    return tape.linear(x, parameter(name + ".weight"), parameter(name + ".bias"));
  }

  private Variable layerNorm(String name, Variable x) {
    return ReferenceLayerNorm.layerNorm(
        tape, x, parameter(name + ".weight"), parameter(name + ".bias"), config.layerNormEps());
  }

  private Variable parameter(String name) {
    return parameters.variable(name, gradients);
  }
}
